"""Services as operators see them: of their resellers only, found, downloaded, shown whole with their history."""

import csv
import io
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from .conftest import Gateway
from .operators import BEN, Visitor, add_operator
from .registry import ADA, SERVICE
from .serving import NUMBERS, ORDER, THEIRS, Serving, a_change, a_service


@pytest.fixture(autouse=True)
def registry(serving: Serving) -> Serving:
    """The owners of whom everybody here asks."""
    return serving


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"))))


async def test_an_operator_finds_the_services_of_his_resellers_only(anna: Visitor, serving: Serving) -> None:
    page, file = await anna.get("/services"), await anna.get("/services.csv")
    assert (page.status_code, file.status_code) == (200, 200)
    assert f"/services/{SERVICE}" in page.text
    assert str(THEIRS) not in page.text + file.text
    assert "Ada Lovelace" in page.text
    assert "and 2 more" in page.text
    assert {tuple(asked["resellers"]) for asked in serving.asked["/services/search"]} == {("acme",)}
    assert (await anna.get("/services?reseller=borealis")).status_code == 422


async def test_who_works_for_all_resellers_finds_the_services_of_all(gateway: Gateway, serving: Serving) -> None:
    await add_operator(gateway, BEN, roles=("operator",), resellers=("*",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    page = (await ben.get("/services")).text
    assert f"/services/{SERVICE}" in page
    assert f"/services/{THEIRS}" in page
    await ben.get("/services?reseller=borealis")
    assert serving.asked["/services/search"][-1]["resellers"] == ["borealis"]


async def test_services_are_asked_for_by_what_was_typed(anna: Visitor, serving: Serving) -> None:
    await anna.get("/services?find=0044+121+496&type=voice-line&state=suspended&from=2026-06-01&to=2026-06-30")
    asked = serving.asked["/services/search"][-1]
    assert (asked["number"], asked["service_type"], asked["state"]) == ("+44121496", "voice-line", "suspended")
    assert (asked["created_from"][:10], asked["created_before"][:10]) == ("2026-06-01", "2026-07-01")


@pytest.mark.parametrize(
    "typed", ["0121 496", "+44121496", "44121496", "0044 121-496", "+44 (0)121 496", "(0121) 496", "0121/496"]
)
async def test_a_number_is_found_however_it_is_written(anna: Visitor, serving: Serving, typed: str) -> None:
    assert f"/services/{SERVICE}" in (await anna.get(f"/services?find={quote(typed)}")).text
    assert serving.asked["/services/search"][-1]["number"] == "+44121496"


async def test_services_are_found_by_whose_they_are(anna: Visitor, serving: Serving) -> None:
    await anna.get("/services?find=Lovelace")
    assert serving.asked["/customers/search"][-1]["text"] == "Lovelace"
    asked = serving.asked["/services/search"][-1]
    assert (asked.get("number"), asked["customers"]) == (None, [str(ADA)])
    await anna.get(f"/services?find={ADA}")
    assert serving.asked["/services/search"][-1]["customers"] == [str(ADA)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("find", "x" * 201),
        ("find", "a%01b"),
        ("type", "NO TYPE"),
        ("state", "gone"),
        ("from", "yesterday"),
        ("to", "0001-01-01"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_named(anna: Visitor, serving: Serving, field: str, value: str) -> None:
    page = await anna.get(f"/services?{field}={value}")
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert (await anna.get(f"/services.csv?{field}={value}")).status_code == 303
    assert "/services/search" not in serving.asked


async def test_the_list_goes_on_page_by_page_and_the_csv_has_all(
    anna: Visitor, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway_service.pages.services.PAGE", 2)
    monkeypatch.setattr("gateway_service.pages.services.MANY", 2)
    serving.many = 4
    page = (await anna.get("/services")).text
    assert 'rel="next" href="/services?after=2"' in page
    assert "First page" in (await anna.get("/services?after=2")).text
    file = rows((await anna.get("/services.csv")).text)
    assert [row["service"][-1] for row in file] == ["e", "1", "2", "3", "4"]
    assert (file[0]["customer_name"], file[0]["customer_reference"]) == ("Ada Lovelace", "A-1")
    assert file[0]["numbers"] == "'" + " ".join(f"+{number}" for number in NUMBERS)


async def test_a_cursor_of_somebody_elses_list_is_no_page(anna: Visitor, serving: Serving) -> None:
    serving.refusals["/services/search"] = (422, {"errors": [{"pointer": "/after", "message": "none of ours"}]})
    assert (await anna.get("/services?after=no-cursor")).status_code == 422


async def test_services_are_for_operators(gateway: Gateway) -> None:
    await add_operator(gateway, BEN, roles=("billing",), resellers=("acme",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    for path in ("/services", "/services.csv", f"/services/{SERVICE}"):
        assert (await ben.get(path)).status_code == 403


async def test_a_service_is_shown_whole(anna: Visitor) -> None:
    page = (await anna.get(f"/services/{SERVICE}")).text
    for text in ("Voice line", "version 2", "Standard", "Wholesale from", "exchange is busy", "Greeting", "Hello"):
        assert text in page
    assert all(f"+{number}" in page for number in NUMBERS)
    assert f'href="/customers/{ADA}">Customer: Ada Lovelace</a>' in page
    assert f'href="/orders/{ORDER}"' in page
    assert "<b>Welcome</b>" not in page
    assert "s3cret" not in page
    assert "standard-gbp" not in page
    assert "standard-gbp" not in (await anna.get("/services")).text


async def test_a_service_of_somebody_else_is_not_there(anna: Visitor) -> None:
    foreign, none = await anna.get(f"/services/{THEIRS}"), await anna.get(f"/services/{uuid4()}")
    assert (foreign.status_code, none.status_code) == (404, 404)


async def test_its_history_says_who_changed_what_and_what_became_of_it(anna: Visitor, serving: Serving) -> None:
    serving.changes = [
        a_change(
            "settings",
            before={"settings": {"greeting": "Hi", "code": "s3cret"}, "settings_by_number": {}},
            after={
                "settings": {"greeting": "Hello", "code": "n3w"},
                "settings_by_number": {NUMBERS[0]: {"voicemail": True}},
            },
        ),
        a_change("add_numbers", before={"numbers": NUMBERS[:1]}, after={"numbers": NUMBERS[:2]}),
        a_change(
            "price_list",
            before={"price_list": "standard-gbp"},
            after={"price_list": "wholesale-gbp", "from_date": "2027-01-01"},
        ),
        a_change("end", "failed", detail="the network refuses", after={"state": "ended"}),
    ]
    page = (await anna.get(f"/services/{SERVICE}")).text
    for text in (
        "operator:ben@acme.example",
        "unpaid",
        "Greeting: Hi → Hello",
        f"+{NUMBERS[0]}: Voicemail: not set → yes",
        f"Numbers that came: +{NUMBERS[1]}",
        "Price list: Standard → Wholesale from",
        "State: active → ended",
        "failed, all is as it was: the network refuses",
    ):
        assert text in page, text
    assert "s3cret" not in page
    assert "n3w" not in page


async def test_a_service_that_is_being_changed_is_looked_at_again(anna: Visitor, serving: Serving) -> None:
    assert "hx-sse:connect" not in (await anna.get(f"/services/{SERVICE}")).text
    serving.services[SERVICE] = a_service(changing=ORDER)
    assert 'hx-sse:connect="' in (await anna.get(f"/services/{SERVICE}")).text


async def test_a_service_is_shown_with_its_charges_and_the_mails_about_it_and_its_changes(
    anna: Visitor, serving: Serving
) -> None:
    serving.changes = [a_change(order_id=UUID(int=7))]
    page = " ".join((await anna.get(f"/services/{SERVICE}")).text.split())
    assert "Charged each month: £5.00" in page
    assert '<td class="text-end">£10.00</td><td class="text-end">£5.00</td>' in page
    assert ("1 Jul 2026" in page, "goes on" in page) == (True, True)
    assert f'href="/mails/{ORDER}/' in page
    (charges,), (mails,) = serving.asked["/charges/of-service"], serving.asked["/mails/search"]
    assert (charges["service_id"], charges["resellers"], len(charges["numbers"])) == (str(SERVICE), ["acme"], 7)
    assert (mails["order_ids"], mails["resellers"]) == ([str(ORDER), str(UUID(int=7))], ["acme"])


@pytest.mark.parametrize("away", ["/charges/of-service", "/mails/search"])
async def test_a_service_is_shown_without_charges_or_mails_while_they_cannot_be_asked(
    anna: Visitor, serving: Serving, away: str
) -> None:
    serving.refusals[away] = (503, {"title": "Not now"})
    page = await anna.get(f"/services/{SERVICE}")
    assert page.status_code == 200
    assert "cannot be shown just now" in page.text


async def test_no_price_list_is_to_come_for_what_has_ended(anna: Visitor, serving: Serving) -> None:
    assert "Price list to come" in (await anna.get(f"/services/{SERVICE}")).text
    serving.services[SERVICE] = a_service(state="ended")
    assert "Price list to come" not in (await anna.get(f"/services/{SERVICE}")).text
