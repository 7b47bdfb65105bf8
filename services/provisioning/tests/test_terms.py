"""Orders that say which terms were agreed to are refused unless those are in force of all that they order."""

from hashlib import sha256

import pytest

from patchbay_chassis.testing import Deliver
from patchbay_contracts.order import AcceptedTerms
from patchbay_contracts.v1.customer import PrepareCustomer
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.v1.orders import OrderFailed

from .entries import VOICE_LINE
from .orders import FIRST, SECOND, line, order

pytestmark = pytest.mark.usefixtures("catalogue")

HASH = sha256(VOICE_LINE.terms.text.encode()).hexdigest()
IN_FORCE = AcceptedTerms(service_type="voice-line", version=VOICE_LINE.terms.version, hash=HASH)


async def test_terms_in_force_are_accepted_once_for_all_lines(deliver: Deliver) -> None:
    said = await deliver(order(line(FIRST), line(SECOND), terms=(IN_FORCE,)), times=1)
    assert [type(m) for m in said] == [PrepareCustomer, HoldNumbers]


@pytest.mark.parametrize(
    ("terms", "reason", "pointer"),
    [
        ((IN_FORCE.model_copy(update={"version": "0"}),), "terms_not_in_force", "/terms/0: "),
        ((IN_FORCE.model_copy(update={"hash": "0" * 64}),), "terms_not_in_force", "/terms/0: "),
        ((IN_FORCE, IN_FORCE.model_copy(update={"service_type": "fax"})), "terms_not_in_force", "/terms/1: "),
    ],
)
async def test_other_terms_are_refused_and_those_in_force_are_named(
    deliver: Deliver, terms: tuple[AcceptedTerms, ...], reason: str, pointer: str
) -> None:
    (event,) = await deliver(order(line(FIRST), terms=terms, failure="keep_what_worked"), times=1)
    assert isinstance(event, OrderFailed)
    assert (event.step, event.reason) == ("validity", reason)
    assert event.detail.startswith(pointer)
    assert (f"version {IN_FORCE.version} is in force, with the SHA-256 {HASH}" in event.detail) == (pointer[7] == "0")


async def test_terms_of_some_of_what_is_ordered_are_not_enough(deliver: Deliver) -> None:
    other = IN_FORCE.model_copy(update={"service_type": "nothing"})
    placed = order(line(FIRST), line(SECOND, service_type="nothing"), terms=(other,))
    (event,) = await deliver(placed, times=1)
    assert isinstance(event, OrderFailed)
    assert (event.reason, HASH in event.detail) == ("terms_not_accepted", True)


async def test_what_cannot_be_had_is_refused_for_that_and_not_for_its_terms(deliver: Deliver) -> None:
    other = IN_FORCE.model_copy(update={"service_type": "nothing"})
    (event,) = await deliver(order(line(FIRST, service_type="nothing"), terms=(other,)), times=1)
    assert isinstance(event, OrderFailed)
    assert event.reason == "unknown_service_type"
