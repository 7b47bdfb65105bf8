"""What an operator does: one run of the wizard, from the start page through all tabs to Finish, by pressing buttons."""

import asyncio
import random
from dataclasses import dataclass

from bench.wizard_data import FIRST_NAMES, SURNAMES
from bench.wizard_pages import Page, Visitor

SERVICE, PRICE_LIST = "voice-line", "standard-gbp"
PREFIX = "030"
"""Of the bench's own numbers."""
OF_A_SERVICE = 2
LOOKS = 0.25
"""Seconds between two looks at an order that is being created."""
MOST_LOOKS = 400
EXISTING = 0.25
"""So many runs are for a customer that is there."""


@dataclass
class Run:
    """What a run needed from the start page to Create Services, and to Finish: actions are buttons and links pressed,
    requests what a browser sends for them, with those that follow redirects."""

    actions: tuple[int, int] = (0, 0)
    requests: tuple[int, int] = (0, 0)


async def walk(visitor: Visitor, rng: random.Random, *, plain: bool = False) -> Run:
    """A customer with two services of two numbers each. `plain`: a new customer who is like no other."""
    await visitor.get("/wizard", "start")
    actions, requests, run = visitor.actions, visitor.requests, Run()
    await visitor.press(("", ""), action="/wizard")
    existing = not plain and rng.random() < EXISTING
    await (_choose_customer(visitor, rng) if existing else _type_customer(visitor, rng, plain=plain))
    await visitor.press(("go", "next"), {"service_type": SERVICE})
    await _choose_numbers(visitor, rng)
    await visitor.press(("go", "settings"))
    await visitor.press(("act", "another"), {"grouping": "together"})
    await visitor.press(("go", "next"), {"service_type": SERVICE})
    await _choose_numbers(visitor, rng)
    page = await visitor.press(("go", "billing"))
    lists: dict[str, str | None] = dict.fromkeys(_price_lists(page), PRICE_LIST)
    if not plain:
        page = await visitor.press(("act", "change"), lists)
    page = await visitor.press(("go", "next"), lists)
    while waivers := page.buttons("waive:"):
        reason = {f"reason-{waivers[0].partition(':')[2]}": "seen, and meant so"}
        page = await visitor.press(("act", waivers[0]), reason)
    page = await visitor.press(("act", "create"), {"agree": "yes"})
    run.actions, run.requests = (visitor.actions - actions, 0), (visitor.requests - requests, 0)
    looked = await _created(visitor, page)
    await visitor.press(("go", "next"))
    await visitor.press(("act", "finish"), {"after": "wizard"})
    run.actions = run.actions[0], visitor.actions - actions
    run.requests = run.requests[0], visitor.requests - requests - looked
    return run


async def _type_customer(visitor: Visitor, rng: random.Random, *, plain: bool) -> None:
    """A name as others have too, or one that nobody has."""
    own = f"{rng.getrandbits(40):010x}"
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(SURNAMES)}"
    details = {"name": f"Q{own} X{own}" if plain else name, "email": f"{own}@new.example", "pin": _pin(rng)}
    await visitor.press(("go", "next"), {"reseller": "acme", **details})


async def _choose_customer(visitor: Visitor, rng: random.Random) -> None:
    """Found by the beginning of a name, or all of it."""
    await visitor.press(("act", "update"), {"kind": "existing", "reseller": "acme"})
    surname = rng.choice(SURNAMES)
    page = await visitor.press(("act", "find"), {"find": f"{rng.choice(FIRST_NAMES)} {surname[: rng.randint(3, 9)]}"})
    if found := [id_ for id_ in page.values("id") if id_]:
        await visitor.press(("go", "next"), {"id": rng.choice(found)})
    else:
        await visitor.press(("act", "update"), {"kind": "new"})
        await _type_customer(visitor, rng, plain=False)


async def _choose_numbers(visitor: Visitor, rng: random.Random) -> None:
    """Search, tick and add, until there are enough. Others are faster now and then."""
    for _ in range(5):
        wanted = OF_A_SERVICE - len(visitor.page.values("chosen"))
        if wanted <= 0:
            return
        search = {"method": "random", "prefix": PREFIX, "grade_at_least": rng.choice(("", "", "silver"))}
        page = await visitor.press(("act", "search"), search)
        await visitor.press(("act", "add_ticked"), {"ticked": page.values("ticked")[:wanted]})
    raise LookupError("there are not enough numbers")


def _price_lists(page: Page) -> list[str]:
    fields = page.form(page.path.partition("?")[0])
    return [name for name, _value in fields if name.startswith("price_list-")]


async def _created(visitor: Visitor, page: Page) -> int:
    """Look until it is created; how many looks it took. Raises LookupError with what it was refused for."""
    for looks in range(MOST_LOOKS):
        if "Everything was created" in page.text:
            return looks
        if 'id="progress"' not in page.text or "Nothing was created" in page.text:
            raise LookupError(f"{page.path} was not created")
        await asyncio.sleep(LOOKS)
        page = await visitor.look(page.path, "progress")
    raise LookupError(f"{page.path} took too long")


def _pin(rng: random.Random) -> str:
    return f"{rng.choice('579')}{rng.choice('1368')}{rng.choice('02')}{rng.choice('479')}{rng.randint(10, 98)}"
