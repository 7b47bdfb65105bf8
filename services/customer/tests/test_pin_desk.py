"""PINs at the operator's desk: set anew, never shown, verified a few times at the most."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from customer_service.settings import settings

from .serving import BY, Served, sealed


@pytest.fixture(autouse=True)
def three_tries(keys: pytest.MonkeyPatch) -> None:
    keys.setenv("PATCHBAY_PIN_TRIES", "3")
    settings.cache_clear()


async def test_a_callers_pin_is_verified_and_that_is_noted(served: Served) -> None:
    id_ = await served.created(pin="8305")
    right, wrong = await served.verify(id_, "8305"), await served.verify(id_, "8306")
    assert right.json() == {"right": True, "tries_left": 3, "locked_until": None}
    assert wrong.json() == {"right": False, "tries_left": 2, "locked_until": None}
    assert [(e["what"], e["by"]) for e in await served.log(id_)][:2] == [("pin_wrong", BY), ("pin_right", BY)]


async def test_the_right_pin_forgives_wrong_ones(served: Served) -> None:
    id_ = await served.created(pin="8305")
    answers = [(await served.verify(id_, pin)).json()["tries_left"] for pin in ("1", "2", "8305", "1")]
    assert answers == [2, 1, 3, 2]


async def test_after_too_many_wrong_pins_not_even_the_right_one_is_taken(served: Served) -> None:
    id_ = await served.created(pin="8305")
    for pin in ("1", "2", "3"):
        locked = (await served.verify(id_, pin)).json()
    right = (await served.verify(id_, "8305")).json()
    assert (right["right"], right["tries_left"], right["locked_until"]) == (False, 0, locked["locked_until"])
    assert (await served.record(id_)).pin_locked_until == datetime.fromisoformat(locked["locked_until"])
    assert (await served.log(id_))[0]["what"] == "pin_locked"


async def test_when_the_time_is_over_counting_begins_anew(served: Served) -> None:
    id_ = await served.created(pin="8305")
    for pin in ("1", "2", "3"):
        await served.verify(id_, pin)
    async with served.database.transaction() as db:
        await db.execute("UPDATE pin_tries SET locked_until = $1", datetime(2020, 1, 1, tzinfo=UTC))
    assert (await served.verify(id_, "1")).json()["tries_left"] == 2
    assert (await served.verify(id_, "8305")).json()["right"]


async def test_tries_of_one_customer_do_not_lock_another(served: Served) -> None:
    one, other = await served.created(), await served.created()
    for pin in ("1", "2", "3"):
        await served.verify(one, pin)
    assert (await served.verify(other, "4711")).json()["right"]


async def test_a_new_pin_is_in_force_and_unlocks(served: Served) -> None:
    id_ = await served.created(pin="8305")
    for pin in ("1", "2", "3"):
        await served.verify(id_, pin)
    set_ = await served.ask("/customers/pin", id=str(id_), by=BY, why="forgotten", sealed_pin=sealed(id_, "9406"))
    assert set_ == {"id": str(id_), "findings": []}
    assert (await served.verify(id_, "9406")).json()["right"]
    entry = next(e for e in await served.log(id_) if e["what"] == "pin_set")
    assert (entry["why"], entry["changes"]) == ("forgotten", [])
    assert not (await served.verify(id_, "8305")).json()["right"]


async def test_the_same_new_pin_again_changes_nothing(served: Served) -> None:
    id_ = await served.created()
    for _ in range(2):
        await served.ask("/customers/pin", id=str(id_), by=BY, sealed_pin=sealed(id_, "9406"))
    assert [e["what"] for e in await served.log(id_)] == ["pin_set", "created"]


async def test_a_weak_new_pin_is_taken_with_a_warning(served: Served) -> None:
    id_ = await served.created()
    answer = await served.ask("/customers/pin", id=str(id_), by=BY, sealed_pin=sealed(id_, "1234"))
    assert [(f["code"], f["severity"]) for f in answer["findings"]] == [("customer.pin_weak", "warning")]


@pytest.mark.parametrize("pin", ["123", "1" * 13])
async def test_a_pin_that_no_order_could_have_is_refused(served: Served, pin: str) -> None:
    id_ = await served.created()
    answer = await served.post("/customers/pin", id=str(id_), by=BY, sealed_pin=sealed(id_, pin))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/sealed_pin")
    assert pin not in answer.text
    assert (await served.verify(id_, "4711")).json()["right"]


async def test_a_pin_sealed_for_another_customer_is_refused(served: Served) -> None:
    id_ = await served.created()
    answer = await served.post("/customers/pin", id=str(id_), by=BY, sealed_pin=sealed(uuid4(), "9406"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/sealed_pin")


async def test_no_pin_stands_in_the_database_or_an_answer(served: Served) -> None:
    id_ = await served.created(pin="8305")
    await served.ask("/customers/pin", id=str(id_), by=BY, sealed_pin=sealed(id_, "940617"))
    async with served.database.connection() as db:
        kept = await db.fetch("SELECT customer::text FROM customer UNION ALL SELECT l::text FROM customer_log l")
    assert len(kept) == 2, "the customer, and that it got a PIN"
    assert not [row for row in kept if "940617" in row[0]]
    assert "pin" not in (await served.record(id_)).details.model_dump_json()
