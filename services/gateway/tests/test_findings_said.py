"""What owners find is said in the language of the page, and whoever translates finds each sentence of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

import patchbay_contracts
from gateway_service import dry_run_findings, own_findings, validity, validity_asking
from gateway_service.draft import Agreement, Document, DraftCustomer, DraftQuote, DraftService
from gateway_service.drafts import now
from gateway_service.pages.language import Languages, speak
from gateway_service.pages.nothing_found import why_nothing
from gateway_service.pages.wording import because, logged, noted, problem, row_refused, sentences_of, word
from gateway_service.quoting import PricesChanged
from patchbay_contracts import finding_texts
from patchbay_contracts.availability import LineAvailability
from patchbay_contracts.finding_catalogue import FINDINGS
from patchbay_contracts.finding_catalogue_services import PARTS
from patchbay_contracts.note_catalogue import NOTES, NOTHING_FOUND, WORDS
from patchbay_contracts.numbers import NothingFound
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.prices import Price
from patchbay_contracts.problem_catalogue import BY_CODE, KINDS
from patchbay_contracts.reasons import REASONS
from patchbay_contracts.validity import Finding

TEXTS = {text for pairs in FINDINGS.values() for pair in pairs for text in pair if text} | {
    text for texts in PARTS.values() for text in texts
}
MEANT = {text for reason in REASONS.values() for text in reason}
MORE = {
    *NOTES,
    *(text for texts in (*NOTHING_FOUND.values(), *WORDS.values()) for text in texts),
    *(text for kind in KINDS for text in (kind.title, kind.meaning, kind.remedy)),
}
GERMAN = {
    "+%(number)s: it was taken meanwhile": "+%(number)s ist inzwischen vergeben",
    "choose another": "wähle eine andere",
    "%(setting)s cannot be %(kind)s": "%(setting)s kann nicht %(kind)s sein",
    "give %(kinds)s": "gib %(kinds)s an",
    "an e-mail address": "eine E-Mail-Adresse",
    "a number": "eine Nummer",
    "a SIP address": "eine SIP-Adresse",
    "%(kind)s or %(kinds)s": "%(kind)s oder %(kinds)s",
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Languages:
    folder = tmp_path_factory.mktemp("words")
    for locale, words in (("de", GERMAN), ("nl", {text: f"§ {text}" for text in TEXTS | MEANT | MORE})):
        catalogue = Catalog(locale=locale)
        for text, said in words.items():
            catalogue.add(text, said)
        with (folder / f"{locale}.po").open("wb") as file:
            write_po(file, catalogue)
    return Languages("en_GB", "Europe/London", folder)


@pytest.fixture
def languages(known: Languages) -> Iterator[Languages]:
    yield known
    speak(known.choose("en"))


def finding(code: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity="error", tab="numbers", pointer="", message=message, remedy=remedy)


LOST = finding("numbers.lost", "+441217370001: it was taken meanwhile", "choose another")


def test_a_finding_is_said_in_the_language_of_the_page_with_what_it_is_about(languages: Languages) -> None:
    speak(languages.choose("de"))
    assert sentences_of(LOST) == "+441217370001 ist inzwischen vergeben. Wähle eine andere."
    speak(languages.choose("en"))
    assert sentences_of(LOST) == "+441217370001: it was taken meanwhile. Choose another."


def test_words_that_are_filled_in_are_said_in_it_as_well(languages: Languages) -> None:
    speak(languages.choose("de"))
    mail = finding(
        "settings.wrong_destination",
        "Destination cannot be an e-mail address.",
        "Give a number or a SIP address.",
    )
    assert (
        sentences_of(mail)
        == "Destination kann nicht eine E-Mail-Adresse sein. Gib eine Nummer oder eine SIP-Adresse an."
    )


def test_what_an_owner_of_a_later_release_finds_is_said_as_it_has_it(languages: Languages) -> None:
    speak(languages.choose("de"))
    assert sentences_of(finding("numbers.odd", "it is odd", "look again")) == "It is odd. Look again."


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [(code, message, remedy) for code, pairs in FINDINGS.items() for message, remedy in pairs],
)
def test_each_sentence_of_each_code_is_translated(languages: Languages, code: str, message: str, remedy: str) -> None:
    speak(languages.choose("nl"))
    said = sentences_of(finding(code, _filled(message), _filled(remedy) or "as its description says"))
    assert said.startswith("§ ")
    assert not remedy or said.count("§") >= 2


@pytest.mark.parametrize(
    ("reason", "detail", "said"),
    [
        (
            "taken",
            "/lines/0/numbers: +441217370001, +441217370002 and more taken meanwhile: choose others",
            "§ § +441217370001, +441217370002 and more taken meanwhile. § choose others.",
        ),
        (
            "unknown_service_type",
            "/lines/0/service_type: there is no service type 'fax': see the catalogue",
            "§ there is no service type 'fax'. § see the catalogue.",
        ),
        (
            "bad_settings",
            "/lines/1/settings/greeting: Greeting is missing: add it",
            "§ Greeting is missing. § add it.",
        ),
        (
            "cancelled",
            "ordered twice",
            "§ Whoever ordered took it back, and everything was undone. § Order again, if it is wanted."
            " “ordered twice”",
        ),
        ("of_a_later_release", "it is odd: look again", "it is odd: look again"),
    ],
)
def test_why_an_order_failed_is_said_in_the_language_of_the_page(
    languages: Languages, reason: str, detail: str, said: str
) -> None:
    speak(languages.choose("nl"))
    assert because(reason, detail) == said
    speak(languages.choose("en"))
    assert because(reason, detail) == detail


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("asked again, try 2", "§ asked again, try 2"),
        (
            "taken: /lines/0/numbers: +441217370001: taken meanwhile: choose others",
            "§ +441217370001: taken meanwhile. § choose others. (taken)",
        ),
        (
            "line 0: +441217370002 (gold) instead of +441217370001, +441217370004 (gold) and more;"
            " line 1 is left out, taken: /lines/1/numbers: +441217370003: taken meanwhile: choose others",
            "§ line 0: § +441217370002 (§ gold) instead of +441217370001, § § +441217370004 (§ gold) and more;"
            " § line 1 is left out, § +441217370003: taken meanwhile. § choose others. (taken)",
        ),
        (
            "/lines/0/numbers: 3 wanted, 0 free in the public pool that are of grade gold, silver and aligned to 10:"
            " take a shorter prefix or fewer; waited for until 2026-06-01 09:00Z",
            "§ § 3 wanted, § 0 free in the § public pool§  that are § § of grade § gold, § silver and § aligned to 10."
            " § take a shorter prefix or fewer.; waited for until 2026-06-01 09:00Z",
        ),
        ("cancelled by operator:anna: ordered twice", "§ cancelled by operator:anna: ordered twice"),
        ("Anna; roles operator, billing; resellers acme; active",
         "§ Anna; roles § operator, § billing; resellers acme; § active"),
        ("what nobody knows: 1", "what nobody knows: 1"),
    ],
)  # fmt: skip
def test_what_is_noted_is_said_in_the_language_of_the_page(languages: Languages, note: str, said: str) -> None:
    speak(languages.choose("nl"))
    assert noted(note) == said
    speak(languages.choose("en"))
    assert noted(note) == note


@pytest.mark.parametrize(
    ("code", "message", "change", "said"),
    [
        ("nothing_matches", "no free number in public, reseller:acme matches: change ends_with", "without ends_with",
         "No free number in public, reseller matches: change “Ends with”. Without “Ends with” there would be 12."),
        ("no_run", "no 10 numbers in a row are free so aligned: the longest run has 4", "aligned: 1",
         "No 10 numbers in a row are free so aligned: the longest run has 4."
         " With “A run begins at” “1” there would be 12."),
        ("pool_empty", "nothing is free in public", "", "Nothing is free in public."),
        ("of_a_later_release", "it is odd", "", "It is odd."),
    ],
)  # fmt: skip
def test_why_nothing_is_found_is_said_by_the_labels_of_the_tab(
    languages: Languages, code: str, message: str, change: str, said: str
) -> None:
    nearest = {"query": {}, "change": change, "total": 12} if change else None
    nothing = NothingFound.model_validate({"code": code, "field": "x", "message": message, "nearest": nearest})
    speak(languages.choose("en"))
    assert why_nothing(nothing) == said
    speak(languages.choose("nl"))
    assert code == "of_a_later_release" or why_nothing(nothing).startswith("§ ")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("duplicate: +441214960001 is in row 3 already: take one out",
         "§ duplicate: +441214960001 is in row 3 already: take one out"),
        ("+1 to +99 are there already, in the reseller pool of acme, country 44, trunk none, area Leeds: write the"
         " block as it is there, or leave it out; lending moves numbers to another pool",
         "§ +1 to +99 are there already, in the § reseller pool of acme, country 44, trunk § none, area Leeds: write"
         " the block as it is there, or leave it out; lending moves numbers to another pool"),
        ("country: not written as it should be: write a calling code such as 44; odd: it is odd",
         "country: § not written as it should be: write a calling code such as 44; odd: it is odd"),
    ],
)  # fmt: skip
def test_why_a_row_was_not_loaded_is_said_in_the_language_of_the_page(
    languages: Languages, reason: str, said: str
) -> None:
    speak(languages.choose("nl"))
    assert row_refused(reason) == said
    assert [logged("kind", "blocks"), logged("rules", ["ABAB", "runs"])] == ["§ kind: § blocks", "§ rules: ABAB, runs"]
    speak(languages.choose("en"))
    assert row_refused(reason) == reason


def test_grades_and_their_rules_are_said_in_the_language_of_the_page(languages: Languages) -> None:
    speak(languages.choose("nl"))
    assert [word("grade", "gold"), word("rule", "last four equal")] == ["§ gold", "§ last four equal"]
    assert [word("rule", "override: the mayor's"), word("rule", "ABAB")] == ["§ override: the mayor's", "ABAB"]


def test_a_problem_is_said_by_its_kind_and_one_of_a_page_as_the_page_has_it(languages: Languages) -> None:
    speak(languages.choose("nl"))
    kind = BY_CODE["draft_closed"]
    told = {"type": kind.type, "title": kind.title, "detail": "This draft is finished."}
    assert problem(told) == (f"§ {kind.title}", f"§ {kind.meaning} § {kind.remedy}")
    assert problem(told | {"title": "Weg", "detail": "Er is er geen."}) == ("Weg", "Er is er geen.")
    speak(languages.choose("en"))
    assert problem(told) == (kind.title, "This draft is finished.")


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_has_words_though_its_detail_has_none(languages: Languages, reason: str) -> None:
    speak(languages.choose("nl"))
    assert because(reason, "odd") == f"§ {REASONS[reason].meaning} § {REASONS[reason].remedy} “odd”"


def _filled(text: str) -> str:
    return text % dict.fromkeys(finding_texts.names(text), "7")


def test_whoever_translates_finds_each_of_these_sentences() -> None:
    folder = Path(patchbay_contracts.__file__).parent
    gathered = {found[2] for found in extract_from_dir(folder, [("**.py", "python")], keywords={"_": None})}
    assert gathered == TEXTS | MEANT | MORE


def test_what_the_gateway_itself_finds_stands_in_the_catalogue_as_well() -> None:
    bought = DraftService(key="s1", service_type="voice-line", price_list="x")
    quote = DraftQuote(id=validity_asking.NO_DRAFT, quoted_at=now(), locked_until=now(), lines="x")
    agreement = Agreement(terms=(), by="operator:anna", at=now(), address="127.0.0.1")
    existing = DraftCustomer(kind="existing")
    documents = [Document(), Document(customer=existing, only_customer=True), Document(agreement=agreement)]
    found = [one for document in documents for one in own_findings.own(document, (), agreed=False)]
    found += own_findings.own(Document(services=(bought,), quote=quote), None, agreed=False)
    cost = {"setup": {"amount": "80", "currency": "GBP"}, "monthly": {"amount": "14.175", "currency": "GBP"}}
    changed = PricesChanged((Price.model_validate(cost),), ())
    found += own_findings.own(Document(services=(bought,), quote=quote), None, agreed=True, changed=changed)
    assert "they were 80.00 GBP once and 14.1750 GBP a month" in found[-1].message
    found += [own_findings.unchecked(owner) for owner in validity.OWNERS]
    assert len({one.code for one in found if one.code.startswith("draft.")}) == 8
    assert finding_texts.unknown(found) == []


def test_what_a_dry_run_finds_stands_in_the_catalogue_as_well() -> None:
    customer = {"kind": "new", "name": "Ada", "email": "ada@example.com", "pin": "4711", "reference": "C-1"}
    named = {"service_type": "voice-line", "price_list": "x", "numbers": {"exact": ["+441217370001"]}}
    some = named | {"numbers": {"count": 2, "prefix": "0121", "policy": "substitute"}}
    back = some | {"numbers": {"count": 2}, "back_order": True}
    orders = [
        OrderDocument.model_validate({"customer": customer, "lines": lines} | more)
        for lines, more in (([named], {}), ([named], {}), ([some], {}), ([back], {"until": "2030-01-01"}))
    ]
    found = [one for of_one in dry_run_findings.twice_in_file(orders) for one in of_one]
    unique = orders[0].model_copy(update={"reference": "PO-1", "unique_reference": True})
    for holders in ({}, {"PO-1": validity_asking.NO_DRAFT}):
        found += filter(None, dry_run_findings.in_use([unique, unique], holders))
    for order in orders:
        lacking = LineAvailability(total=0, missing=2)
        found += dry_run_findings.too_few(order, [lacking])
    assert {one.code for one in found} == {
        "numbers.named_twice",
        "customer.reference_taken",
        "order.reference_in_use",
        "numbers.too_few",
        "numbers.back_ordered",
    }
    assert finding_texts.unknown(found) == []
