"""A million and a half numbers, and the call that loads them."""

from datetime import UTC, datetime

from examples.api import Api, Json

SIZE = 10_000
AREAS = (
    ("44", "Birmingham", 441212300000, 12), ("44", "London", 442033000000, 20), ("44", "London", 442083000000, 10),
    ("44", "Manchester", 441618300000, 10), ("44", "Leeds", 441133900000, 6), ("44", "Sheffield", 441142700000, 8),
    ("44", "Nottingham", 441159300000, 6), ("44", "Leicester", 441162500000, 6), ("44", "Bristol", 441179200000, 6),
    ("44", "Reading", 441189500000, 4), ("44", "Brighton", 441273600000, 4), ("44", "Edinburgh", 441312200000, 6),
    ("44", "Glasgow", 441412200000, 8), ("44", "Liverpool", 441512300000, 8), ("44", "Newcastle", 441912300000, 6),
    ("44", "Belfast", 442890300000, 6), ("44", "Cardiff", 442920300000, 6),
    ("49", "Bonn", 492289000000, 4), ("49", "Berlin", 493052000000, 6), ("49", "Aachen", 4924190000000, 4),
)  # fmt: skip
"""Country, area, where a row of blocks begins, and how many there are. German numbers have lengths of their own."""
OWN = (("acme", "Bristol", 441179400000), ("acme", "Birmingham", 441219500000), ("borealis", "Glasgow", 441419500000))


def blocks() -> list[Json]:
    """As the API takes them."""
    public = [
        _block(country, area, first + at * SIZE, "public", "")
        for country, area, first, many in AREAS
        for at in range(many)
    ]
    return public + [_block("44", area, first, "reseller", owner) for owner, area, first in OWN]


def _block(country: str, area: str, first: int, pool: str, owner: str) -> Json:
    home: Json = {"country": country, "trunk": "0", "area": area, "pool": pool, "owner": owner}
    return home | {"first": first, "size": SIZE}


async def load(manager: Api, reseller: Api) -> str:
    """Load what is not there already, and wait until searches see it; what there is now, in words."""
    wanted = blocks()
    answer = await manager.ask("/v1/inventory/blocks", {"why": "the demo's numbers", "blocks": wanted})
    for refused in answer["refused"]:
        raise SystemExit(f"{refused['pointer']}: {refused['message']}: {refused['remedy']}")
    loaded_at = datetime.now(UTC)
    found = await reseller.searched(loaded_at, {"count": 1, "pools": ["public", "reseller"], "exact_counts": True})
    what = f"{len(wanted)} blocks with {len(wanted) * SIZE:,} numbers"
    done = "there already" if answer["there_already"] == len(wanted) else f"{answer['loaded']} loaded now"
    return f"{what}, {done}; {found['total']:,} numbers are free to this reseller"
