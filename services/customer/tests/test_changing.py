"""Changing a customer: by the version that was seen, noted in its log, safe to repeat, and nobody else's."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from .serving import BY, Served


async def test_a_change_is_kept_and_noted_with_what_was_before(served: Served) -> None:
    id_ = await served.created("Grace", email="grace@example.com", contacts=[{"name": "Al", "email": "al@example.com"}])
    contacts = [{"kind": "supplier", "name": "Bo", "email": "bo@example.com"}]
    answer = await served.change(await served.record(id_), name="Grace H", phone="0121 496 0000", contacts=contacts)
    assert answer.status_code == 200
    record = await served.record(id_)
    assert (record.version, record.details.name, record.details.contacts[0].name) == (2, "Grace H", "Bo")
    entry, created = await served.log(id_)
    assert (entry["what"], entry["by"], entry["version"]) == ("changed", BY, 2)
    assert [(c["field"], c["before"], c["after"]) for c in entry["changes"]] == [
        ("name", "Grace", "Grace H"),
        ("phone", None, "0121 496 0000"),
        ("contacts", "contact: Al <al@example.com>", None),
        ("contacts", None, "supplier: Bo <bo@example.com>"),
    ]
    assert (created["what"], created["by"]) == ("created", f"order:{record.order_id}")


async def test_a_changed_customer_is_found_by_what_it_is_now(served: Served) -> None:
    id_ = await served.created("Grace")
    await served.change(await served.record(id_), name="Hopper")
    assert (await served.found("hopper"), await served.found("grace")) == (["Hopper"], [])


async def test_who_saw_an_older_version_is_shown_the_current_one(served: Served) -> None:
    record = await served.record(await served.created("Grace"))
    await served.change(record, name="Hopper")
    answer = await served.change(record, name="Ada")
    assert answer.status_code == 409
    assert answer.json()["current"]["details"]["name"] == "Hopper"
    assert (await served.record(record.id)).details.name == "Hopper"


async def test_the_same_change_again_changes_nothing_and_is_answered_alike(served: Served) -> None:
    record = await served.record(await served.created("Grace"))
    first, again = [await served.change(record, name="Hopper") for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(await served.log(record.id)) == 2


async def test_blocking_needs_a_reason_and_is_noted(served: Served) -> None:
    id_ = await served.created("Grace")
    asked: dict[str, Any] = {"id": str(id_), "version": 1, "by": BY, "state": "blocked"}
    refused = await served.post("/customers/change", **asked)
    assert refused.status_code == 422
    assert "reason" in refused.text
    await served.ask("/customers/change", **asked, why="does not pay")
    entry = (await served.log(id_))[0]
    assert (entry["what"], entry["why"]) == ("blocked", "does not pay")
    assert (await served.record(id_)).state == "blocked"


async def test_a_reference_that_another_customer_has_is_refused_at_its_field(served: Served) -> None:
    await served.created("Ada", reference="C-1")
    await served.created("Bob", "borealis", reference="C-2")
    record = await served.record(await served.created("Grace"))
    answer = await served.change(record, reference="C-1")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/details/reference")
    assert (await served.change(record, reference="C-2")).status_code == 200


@pytest.mark.parametrize("field", ["name", "email", "phone", "reference"])
@pytest.mark.parametrize("hostile", ["\0", "a\r\nBcc: x@example.com", "a" * 300])
async def test_what_no_order_could_have_is_refused_at_its_field(served: Served, field: str, hostile: str) -> None:
    answer = await served.change(await served.record(await served.created()), **{field: hostile})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/details/{field}")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "'; DROP TABLE customer; --", "=cmd|' /C calc'!A0"])
async def test_a_hostile_name_is_kept_as_it_is(served: Served, name: str) -> None:
    record = await served.record(await served.created())
    await served.change(record, name=name)
    assert (await served.record(record.id)).details.name == name


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/customers/change", {"version": 1, "state": "blocked", "why": "so", "by": BY}),
        ("/customers/pin", {"sealed_pin": "x", "by": BY}),
        ("/customers/pin/verify", {"sealed_pin": "x", "by": BY}),
        ("/customers/log", {}),
    ],
)
async def test_another_resellers_customer_is_answered_like_one_that_is_not_there(
    served: Served, path: str, asked: dict[str, Any]
) -> None:
    theirs, none = await served.created("Grace", "borealis"), uuid4()
    answers = [await served.post(path, id=str(id_), **asked) for id_ in (theirs, none)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text.replace(str(theirs), str(none)) == answers[1].text
    assert (await served.record(theirs, "borealis")).version == 1


async def test_another_resellers_customers_are_not_read(served: Served) -> None:
    mine, theirs = await served.created("Ada"), await served.created("Grace", "borealis")
    found = (await served.ask("/customers/get", ids=[str(theirs), str(mine), str(uuid4())]))["customers"]
    assert [UUID(customer["id"]) for customer in found] == [mine]


async def test_the_log_is_read_page_by_page_down_to_the_creation(served: Served) -> None:
    id_ = await served.created("Grace 0")
    for n in (1, 2, 3):
        await served.change(await served.record(id_), name=f"Grace {n}")
    versions, after = [], None
    while True:
        page = await served.ask("/customers/log", id=str(id_), limit=3, after=after)
        versions.append([entry["version"] for entry in page["entries"]])
        if (after := page["next"]) is None:
            break
    assert versions == [[4, 3, 2], [1]]


async def test_a_cursor_of_a_log_that_is_not_ours_is_refused(served: Served) -> None:
    answer = await served.post("/customers/log", id=str(await served.created()), after="9" * 30)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/after")
