"""`make bench-api`: how quickly orders are taken in, singly and in bulk, run dry, exported, and told to webhooks; one
after the other, in two suites. The last line is all of it as JSON.
"""

import argparse
import json

import uvloop

from bench import api_bulk, api_webhooks


async def main() -> None:
    """Both suites."""
    parents = [api_bulk.arguments(), api_webhooks.arguments()]
    given = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__, parents=parents).parse_args()
    accepting = await api_bulk.run(given)
    webhooks = await api_webhooks.run(given)
    print(json.dumps(accepting | {"webhooks": webhooks, "wanted": api_bulk.WANTED | api_webhooks.WANTED}))


if __name__ == "__main__":
    uvloop.run(main())
