"""What provisioning says about a draft, and that the saga refuses an order for the same. On a real database."""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from patchbay_contracts.catalogue import CustomerRules, NumberRules, ServiceTypeEntry
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.order import Line, Numbers
from patchbay_contracts.validity import Finding
from provisioning_service import catalogue_queries, model
from provisioning_service.catalogue import ALWAYS, Catalogue, service_type, service_types
from provisioning_service.order_faults import faults
from provisioning_service.seed_catalogue import ENTRIES
from provisioning_service.validity_http import MOST_FINDINGS, finding

from .catalogue_serving import Served
from .entries import VOICE_LINE, entry
from .orders import CUSTOMER, FIRST, SECOND, order

DAY = date(2026, 11, 26)
CATALOGUE: Catalogue = {id_: service_types([service_type(id_, one)]) for id_, one in ENTRIES.items()}


def line(type_: str, settings: dict[str, Any], *numbers: int, **more: Any) -> Line:
    return Line(service_type=type_, price_list="x", numbers=Numbers(exact=numbers), settings=settings, **more)


def found(
    *lines: Line, reseller: str = "acme", catalogue: Catalogue = CATALOGUE, **owned: int
) -> list[tuple[str, str]]:
    """Code and place of each fault; the saga refuses for the first of them."""
    all_ = [*faults(reseller, lines, catalogue, DAY, {k.replace("_", "-"): v for k, v in owned.items()})]
    if not owned:
        placed = order(*lines, reseller=reseller, accepted_at=datetime(2026, 11, 26, tzinfo=UTC))
        refusal = model.refusal(placed, catalogue)
        assert (refusal.reason if refusal else None) == (all_[0].reason if all_ else None)
    assert unknown(map(finding, all_)) == []
    return [(one.code, one.pointer) for one in all_]


def selling(**changes: Any) -> Catalogue:
    return {"voice-line": service_types([service_type("voice-line", entry(**changes))])}


async def test_a_draft_without_a_line_is_worth_a_word(served: Served) -> None:
    (finding,) = (await served.ask("/validity", reseller="acme", held_by=str(uuid4())))["findings"]
    assert (finding["code"], finding["severity"], finding["tab"]) == ("service.none", "info", "settings")


async def test_the_report_has_everything_that_is_wrong_with_its_place_and_remedy(served: Served) -> None:
    lines = [
        {"service_type": "voice-line", "numbers": [f"+{FIRST}"], "settings_by_number": {f"+{FIRST}": {"voicemail": 1}}},
        {"service_type": "<script>", "numbers": []},
        {"service_type": "voice-line"},
        {"service_type": ""},
    ]
    report = await served.ask("/validity", reseller="acme", held_by=str(uuid4()), lines=lines)
    assert [(one["code"], one["tab"], one["pointer"]) for one in report["findings"]] == [
        ("settings.bad_value", "settings", f"/lines/0/settings_by_number/+{FIRST}/voicemail"),
        ("service.unknown_type", "service", "/lines/1/service_type"),
        ("service.too_few_numbers", "numbers", "/lines/2/numbers"),
        ("service.missing", "service", "/lines/3/service_type"),
    ]
    assert report["findings"][0]["message"] == "Voicemail must be yes or no."


async def test_terms_of_an_order_are_looked_at_as_the_saga_does(served: Served) -> None:
    text = sha256(VOICE_LINE.terms.text.encode()).hexdigest()
    in_force = {"service_type": "voice-line", "version": VOICE_LINE.terms.version, "hash": text}
    asked = {"reseller": "acme", "lines": [{"service_type": "voice-line", "numbers": [f"+{FIRST}"]}]}
    for terms, codes in (
        ([in_force], []),
        ([in_force | {"version": "0"}], ["service.terms_not_in_force"]),
        ([in_force | {"service_type": "fax"}], ["service.terms_not_in_force", "service.terms_not_accepted"]),
    ):
        found = (await served.ask("/validity", held_by=str(uuid4()), terms=terms, **asked))["findings"]
        assert [one["code"] for one in found] == codes
        assert unknown(map(Finding.model_validate, found)) == []


async def test_lines_are_narrowed_as_the_saga_does_it_by_the_catalogue_of_their_day(served: Served) -> None:
    rules = NumberRules(least=2, most=9, grades=("gold",), countries=("44",))
    async with served.database.transaction() as db:
        await catalogue_queries.publish_first(db, "golden", entry(name="Golden", numbers=rules), DAY)
    asked = {"service_type": "golden", "grouping": "together", "numbers": {"count": 3, "policy": "available"}}
    days = [asked | {"day": day} for day in ("2026-11-26", "2026-11-25")]
    first, before = (await served.ask("/validity/narrowed", lines=days))["lines"]
    assert (first["numbers"]["grades"], first["numbers"]["prefix"], first["least"]) == (["gold"], "+44", 2)
    assert NumberRules.model_validate(first["rules"]) == rules
    assert (before["numbers"].get("grades"), before.get("rules"), before.get("least")) == (None, None, None)


async def test_what_a_customer_has_already_counts(served: Served) -> None:
    async with served.database.transaction() as db:
        alone = entry(name="Exchange", customers=CustomerRules(excludes=("voice-line",)))
        await catalogue_queries.publish_first(db, "exchange", alone, ALWAYS)
        await db.execute(
            "INSERT INTO service (id, order_id, line, siblings, reseller, customer_id, service_type, price_list,"
            " numbers, settings, state) VALUES ($1, $1, 0, 1, 'acme', $2, 'voice-line', 'x', '{}', '{}', 'active')",
            uuid4(),
            CUSTOMER,
        )
    asked = {"held_by": str(uuid4()), "customer": {"id": str(CUSTOMER)}}
    asked["lines"] = [{"service_type": "exchange", "numbers": [f"+{FIRST}"]}]
    mine = await served.ask("/validity", reseller="acme", **asked)
    assert [one["code"] for one in mine["findings"]] == ["service.excludes_another"]
    anothers = await served.ask("/validity", reseller="borealis", **asked)
    assert anothers["findings"] == []


def test_a_type_of_another_reseller_is_as_unknown_as_one_that_nobody_has() -> None:
    bridge = line("conference-bridge", {}, FIRST)
    pbx = line("hosted-pbx", {"seats": 3})
    assert found(bridge, pbx) == []
    assert found(bridge, pbx, reseller="borealis") == [("service.unknown_type", "/lines/0/service_type")]


@pytest.mark.parametrize(("valid_from", "valid_to"), [(date(2026, 12, 1), None), (date(2026, 1, 1), DAY)])
def test_a_type_that_is_not_in_force_on_the_day_is_refused(valid_from: date, valid_to: date | None) -> None:
    types = {"voice-line": service_types([service_type("voice-line", VOICE_LINE, 1, valid_from, valid_to)])}
    assert found(line("voice-line", {}, FIRST), catalogue=types) == [
        ("service.not_in_force", "/lines/0/service_type"),
    ]


def test_an_order_is_judged_by_the_version_of_the_day_on_which_it_was_accepted() -> None:
    stricter = service_type("voice-line", entry(numbers=NumberRules(least=2, most=2)), 2, DAY)
    types = {"voice-line": service_types([stricter, service_type("voice-line", VOICE_LINE)])}
    before = order(line("voice-line", {}, FIRST), accepted_at=datetime(2026, 11, 25, 23, 59, tzinfo=UTC))
    after = order(line("voice-line", {}, FIRST), accepted_at=datetime(2026, 11, 26, tzinfo=UTC))
    assert model.refusal(before, types) is None
    refused = model.refusal(after, types)
    assert refused is not None
    assert refused.reason == "too_few_numbers"


@pytest.mark.parametrize(
    ("type_", "settings", "code", "field"),
    [
        ("sip-trunk", {}, "settings.required", "/channels"),
        ("sip-trunk", {"channels": 0}, "settings.bad_value", "/channels"),
        ("sip-trunk", {"channels": 1, "colour~/": "blue"}, "settings.unknown", "/colour~0~1"),
        ("sip-trunk", {"channels": 1, "encrypt_media": True}, "settings.not_applicable", "/encrypt_media"),
        ("voice-line", {"destination": "nowhere"}, "settings.not_a_destination", "/destination"),
        ("voice-line", {"destination": "999"}, "settings.emergency", "/destination"),
        ("voice-line", {"destination": f"+{FIRST}"}, "settings.loop", "/destination"),
        ("voice-line", {"destination": "a@b.example"}, "settings.wrong_destination", "/destination"),
        ("voice-line", {"destination": 7}, "settings.bad_value", "/destination"),
        ("voice-line", {"caller_name": "x" * 100_000}, "settings.bad_value", "/caller_name"),
        ("voice-line", {"opening_hours": {}}, "settings.bad_time_plan", "/opening_hours/weekdays"),
        ("voice-line", {"opening_hours": "always"}, "settings.bad_value", "/opening_hours"),
        (
            "voice-line",
            {"opening_hours": {"weekdays": {"monday": [{"from": "17:00", "to": "09:00"}]}}},
            "settings.bad_time_plan",
            "/opening_hours/weekdays/monday/0",
        ),
        ("hosted-pbx", {"seats": 2, "record": True}, "settings.required", "/record_days"),
        ("hosted-pbx", {"seats": 2, "record": False, "record_days": 3}, "settings.not_applicable", "/record_days"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(type_: str, settings: dict[str, Any], code: str, field: str) -> None:
    assert found(line(type_, settings, FIRST)) == [(code, f"/lines/0/settings{field}")]


def test_of_several_numbers_each_has_its_own_faults() -> None:
    own = {FIRST: {"destination": f"+{FIRST}"}, SECOND: {"destination": f"+{FIRST}"}}
    lines = line("voice-line", {"caller_name": 3}, FIRST, SECOND, settings_by_number=own, grouping="each")
    assert found(lines) == [
        ("settings.bad_value", "/lines/0/settings/caller_name"),
        ("settings.loop", f"/lines/0/settings_by_number/+{FIRST}/destination"),
    ]


def test_messages_name_settings_by_their_titles() -> None:
    (fault,) = faults("acme", [line("sip-trunk", {"channels": 1, "codec": "mp3"}, FIRST)], CATALOGUE, DAY)
    assert fault.message == "Codec must be one of: G.711 A-law, G.722 (wideband), Opus"
    plan = {"opening_hours": {"weekdays": {"monday": "nine to five"}, "exceptions": ["Christmas"]}}
    said = [one.message for one in faults("acme", [line("voice-line", plan, FIRST)], CATALOGUE, DAY)]
    parts = ("Monday has no times that can be read", "other day 1 has no day that can be read")
    assert said == [f"Opening hours, {one}" for one in parts]


def test_numbers_of_another_country_prefix_or_grade_are_refused_where_that_is_known() -> None:
    rules = NumberRules(least=1, most=9, grades=("gold",), prefixes=("4420",), countries=("44",))
    types = selling(numbers=rules)
    assert found(line("voice-line", {}, 442079460000), catalogue=types) == []
    assert found(line("voice-line", {}, FIRST), catalogue=types) == [("service.wrong_prefix", "/lines/0/numbers/0")]
    silver = line("voice-line", {}).model_copy(update={"numbers": Numbers(count=1, grades=("silver",), prefix="+33")})
    assert [code for code, _ in found(silver, catalogue=types)] == [
        "service.wrong_prefix",
        "service.wrong_prefix",
        "service.wrong_grade",
    ]
    better = line("voice-line", {}).model_copy(update={"numbers": Numbers(count=1, grade_at_least="silver")})
    assert found(better, catalogue=types) == []


def test_a_type_that_needs_another_is_content_with_one_that_is_there() -> None:
    bridge = line("conference-bridge", {}, FIRST)
    assert found(bridge) == [("service.needs_another", "/lines/0/service_type")]
    assert found(bridge, hosted_pbx=1) == []


def test_more_services_than_an_order_or_a_customer_may_have_are_refused() -> None:
    bridge, second = line("conference-bridge", {}, FIRST), line("conference-bridge", {}, SECOND)
    where = "/lines/0/service_type"
    assert found(bridge, second, hosted_pbx=1) == [("service.most_per_order", where)]
    assert found(bridge, hosted_pbx=1, conference_bridge=2) == [("service.most_per_customer", where)]


def test_hostile_settings_are_refused_and_not_repeated() -> None:
    entry_: ServiceTypeEntry = ENTRIES["voice-line"]
    name = "<script>" + "x" * 100_000
    (fault,) = faults("acme", [line("voice-line", {name: 1}, FIRST)], CATALOGUE, DAY)
    assert (fault.code, entry_.name in fault.message, len(fault.message) < 200) == ("settings.unknown", True, True)


async def test_settings_that_are_nested_beyond_measure_are_refused(served: Served) -> None:
    line = b'{"service_type":"voice-line","numbers":["+441214960001"],"settings":{"voicemail":%b}}'
    body = b'{"reseller":"acme","held_by":"00000000-0000-7000-8000-00000000d001","lines":[%b]}' % line
    beyond = await served.client.post("/validity", content=body % (b"[" * 100_000 + b"]" * 100_000))
    assert beyond.status_code == 422
    within = await served.client.post("/validity", content=body % (b"[" * 20 + b"]" * 20))
    assert [one["code"] for one in within.json()["findings"]] == ["settings.bad_value"]


async def test_a_draft_with_faults_without_number_is_answered_with_some(served: Served) -> None:
    settings = {f"s{n}": n for n in range(2_000)}
    lines = [{"service_type": "voice-line", "numbers": [f"+{FIRST + n}"], "settings": settings} for n in range(20)]
    report = await served.ask("/validity", reseller="acme", held_by=str(uuid4()), lines=lines)
    assert len(report["findings"]) == MOST_FINDINGS
