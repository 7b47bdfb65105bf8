"""Where forms are: for each part of the site what has to be there before, and the addresses of its pages with forms."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from .clerk import Clerk
from .conftest import Gateway
from .dying import letter, put_away
from .operators import BEN, Visitor, add_operator
from .posted import line
from .receiving import webhook
from .registry import ADA, SERVICE
from .test_back_orders import BACK_ORDER, WANTED, back_ordered
from .test_reading import place as order_placed
from .test_webhooks_pages import deliver
from .tmf import item, place
from .whole_site import BLOCKED, SUSPENDED
from .wizard_orders import end

Place = Callable[[Gateway, Clerk], Awaitable[Sequence[str]]]
CHANGES = ("settings", "price-list", "add-numbers", "remove-numbers", "suspend", "end")


def at(*addresses: str) -> Place:
    """Pages that need nothing besides."""

    async def there(_gateway: Gateway, _clerk: Clerk) -> Sequence[str]:
        return addresses

    return there


async def account(gateway: Gateway, _clerk: Clerk) -> Sequence[str]:
    """Signed in twice."""
    await Visitor(gateway).sign_in()
    return ("/account",)


async def operators(gateway: Gateway, _clerk: Clerk) -> Sequence[str]:
    """Somebody besides, and an administrator more, so that there may be one less."""
    id_ = await add_operator(gateway, BEN)
    return "/operators/new", f"/operators/{id_}"


async def api_keys(_gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """One, and one that has a former secret still."""
    found = [await _key(clerk.visitor, name) for name in ("Billing run", "Shop")]
    assert (await clerk.visitor.post(f"{found[1]}/rotate", {"hours": "24"}, on=found[1])).status_code == 200
    return "/api-keys", "/api-keys/new", *found


async def _key(visitor: Visitor, name: str) -> str:
    made = await visitor.post("/api-keys/new", {"name": name, "scopes": ["orders"], "reseller": "acme"})
    found = re.search(r'href="(/api-keys/[0-9a-f]{12})"', made.text)
    assert found is not None, made.text
    return found[1]


async def webhooks(gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """One with a delivery, and one that is disabled."""
    found = [(await webhook(gateway, f"https://93.184.215.14/{name}"))["id"] for name in ("a", "b")]
    await deliver(gateway, found[0], "failed")
    pages = [f"/webhooks/{id_}" for id_ in found]
    await clerk.visitor.post(f"{pages[1]}/state", {"to": "disabled"}, on=pages[1])
    return "/webhooks", "/webhooks/new", *pages


async def by_hand(gateway: Gateway, _clerk: Clerk) -> Sequence[str]:
    """An order that nothing carries out by itself, a mail, and an order that is stuck."""
    made = await place(gateway, item(spec="fibre-access"))
    mail = f"/mails/{SERVICE}/service_created?to=ada%2Bo%27b%40example.com"
    return f"/manual-orders/{made['id']}", mail, "/operations"


async def orders_under_way(gateway: Gateway, _clerk: Clerk) -> Sequence[str]:
    """One that waits for numbers, named and any."""
    lines = [line(numbers=WANTED), line(numbers={"exact": ["+441217370001"]})]
    id_ = await order_placed(gateway, lines=lines, **BACK_ORDER)
    await back_ordered(gateway, id_, waiting=(0, 1))
    return (f"/orders/{id_}",)


async def dead_letters(gateway: Gateway, _clerk: Clerk) -> Sequence[str]:
    """One that can be replayed."""
    one = letter()
    await put_away(gateway, one)
    return "/operations/dead-letters", f"/operations/dead-letters/{one.id}"


async def beginning(_gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """A draft to go on with."""
    await clerk.begin()
    return "/wizard", f"/wizard/{clerk.id}/discard"


async def new_customer(_gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """Filled in, with a contact; and nothing yet."""
    await clerk.begin()
    empty = f"/wizard/{clerk.id}/customer"
    await clerk.begin()
    await clerk.fill()
    await clerk.go("customer")
    await clerk.press("update", **{"contacts-0-name": "Grace Hopper", "contacts-0-email": "grace@example.com"})
    return f"/wizard/{clerk.id}/customer", empty


async def existing_customer(_gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """Looked for, and found; of a draft that has no service yet."""
    await clerk.begin()
    await clerk.press("update", kind="existing")
    tabs = [f"/wizard/{clerk.id}/{tab}" for tab in ("customer", "numbers", "settings", "billing", "creation")]
    return f"{tabs[0]}?find=Ada&find_reseller=a", *tabs


async def services(_gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """Of a draft that is filled in."""
    await clerk.begin()
    await clerk.fill()
    return [f"/wizard/{clerk.id}/{tab}" for tab in ("service", "numbers", "billing", "notifications")]


async def settings(_gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """Of two numbers."""
    await clerk.begin()
    await clerk.fill()
    return (f"/wizard/{clerk.id}/settings",)


async def creation(gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """With a warning, without one, and with an order that failed, of which nothing is attached to mails."""
    await clerk.begin()
    await clerk.fill()
    found = [f"/wizard/{clerk.id}/creation?report=full&terms=yes"]
    await _waived(clerk)
    found.append(f"/wizard/{clerk.id}/creation")
    await _created(gateway, clerk, "failed")
    return *found, f"/wizard/{clerk.id}/creation", f"/wizard/{clerk.id}/notifications"


async def notifications(gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """Mails that can be written."""
    await _created(gateway, clerk, "completed")
    return (f"/wizard/{clerk.id}/notifications?log=timeline&log=services&log=report&log=agreement",)


async def _waived(clerk: Clerk) -> None:
    await clerk.begin()
    await clerk.fill()
    await clerk.go("creation")
    for pressed in [text for _, text in clerk.form.buttons if text.startswith("waive:")]:
        await clerk.press(pressed, **{f"reason-{pressed.removeprefix('waive:')}": "as agreed"})


async def _created(gateway: Gateway, clerk: Clerk, state: str) -> None:
    await _waived(clerk)
    await clerk.press("create")
    await end(gateway, await clerk.draft(), state)


PLACES: Mapping[str, Place] = {
    "account": account,
    "operators": operators,
    "api keys": api_keys,
    "webhooks": webhooks,
    "lists": at("/customers", "/services", "/orders", "/templates", "/templates/new"),
    "numbers": at("/inventory", "/inventory/load", "/inventory/lend", "/inventory/quarantine",
                  "/inventory/grade", "/inventory/rules",
                  "/inventory/number", "/inventory/number?number=%2B441217370420", "/inventory/log"),
    "what was loaded": at("/inventory/loads/0190b2a0-0000-7000-8000-000000000002"),
    "customers": at(f"/customers/{ADA}", f"/customers/{BLOCKED}", f"/customers/{ADA}/pin", f"/customers/{ADA}/orders"),
    "customer's charges": at(f"/customers/{ADA}/charges"),
    "customer's details": at(f"/customers/{ADA}/edit"),
    "service's settings": at(f"/services/{SERVICE}/settings"),
    "changes of services": at(*(f"/services/{SERVICE}/{change}" for change in CHANGES[1:]),
                              f"/services/{SUSPENDED}/resume"),
    "new service type": at("/catalogue/new"),
    "catalogue": at("/catalogue/voice-line/draft", "/catalogue/voice-line/versions/2",
                    "/catalogue/voice-line/versions/1", "/catalogue/acme-line/versions/1"),
    "new price list": at("/price-lists/new", "/price-lists/standard-gbp/draft/csv",
                         "/price-lists/standard-gbp/versions/2"),
    "price list": at("/price-lists/standard-gbp/draft"),
    "mail templates": at("/templates/one?purpose=service_created&reseller=acme&kind=customer&language=en-GB"),
    "by hand": by_hand,
    "orders under way": orders_under_way,
    "dead letters": dead_letters,
    "wizard": beginning,
    "wizard: new customer": new_customer,
    "wizard: existing customer": existing_customer,
    "wizard: services": services,
    "wizard: settings": settings,
    "wizard: creation": creation,
    "wizard: notifications": notifications,
}  # fmt: skip
