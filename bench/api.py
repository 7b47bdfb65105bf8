"""`make bench-api`: how quickly orders are taken in, singly and in bulk, run dry, and told to webhooks; one after the
other, each with a suite of its own. The last line is all of it as JSON.
"""

import json

import uvloop

from bench import api_bulk, api_webhooks


async def main() -> None:
    """Both."""
    accepting = await api_bulk.run(api_bulk.parsed([]))
    webhooks = await api_webhooks.run(api_webhooks.parsed([]))
    print(json.dumps(accepting | {"webhooks": webhooks, "wanted": api_bulk.WANTED | api_webhooks.WANTED}))


if __name__ == "__main__":
    uvloop.run(main())
