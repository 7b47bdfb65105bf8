"""What the contracts promise: every example ever committed parses, schemas are up to date, topics are declared."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import patchbay_contracts
from patchbay_contracts import schemas
from patchbay_contracts.message import Message
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.topics import load
from patchbay_contracts.words import Money, parse_e164

MESSAGES = schemas.load_all()
EXAMPLES = sorted((Path(patchbay_contracts.__file__).parent / "examples").glob("*/*.json"))


def _document(**changes: object) -> dict[str, object]:
    customer = {"kind": "new", "name": "Ada", "email": "ada@example.com", "pin": "4711"}
    return {"customer": customer, "lines": []} | changes


def _line(**changes: object) -> dict[str, object]:
    return {"service_type": "voice-line", "price_list": "standard-gbp"} | changes


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_example_ever_committed_still_parses(file: Path) -> None:
    parsed = MESSAGES[file.parent.name].model_validate_json(file.read_text())
    again = type(parsed).model_validate_json(_json(parsed))
    assert _json(again) == _json(parsed)


def _json(message: BaseModel) -> str:
    return message.model_dump_json()


def test_every_message_has_an_example() -> None:
    assert {file.parent.name for file in EXAMPLES} == set(MESSAGES)


def test_the_committed_schemas_are_those_of_the_models() -> None:
    assert {file: file.read_text() for file in schemas.FOLDER.glob("*.json")} == schemas.written()


def test_every_message_goes_to_a_declared_topic() -> None:
    topics = {model.topic for model in MESSAGES.values() if issubclass(model, Message)}
    assert topics <= set(load())


def test_a_reader_ignores_a_field_it_does_not_know() -> None:
    file = next(file for file in EXAMPLES if file.parent.name == "numbers.NumbersHeld.v1")
    newer = json.loads(file.read_text()) | {"colour": "red"}
    assert _json(MESSAGES["numbers.NumbersHeld.v1"].model_validate(newer)) == _json(
        MESSAGES["numbers.NumbersHeld.v1"].model_validate_json(file.read_text())
    )


def test_a_writer_of_an_order_is_told_of_a_field_that_nobody_reads() -> None:
    with pytest.raises(ValidationError, match="colour"):
        OrderDocument.model_validate(_document(colour="red"))


@pytest.mark.parametrize("control", ["\0", "\n", "\t", "\x1b", "\x7f"])
def test_text_that_could_not_be_kept_or_would_break_a_line_is_refused(control: str) -> None:
    with pytest.raises(ValidationError, match="reference"):
        OrderDocument.model_validate(_document(reference=f"PO{control}1"))


@pytest.mark.parametrize("value", ["\0", {"\0": 1}, [[{"a": "\0"}]], float("nan"), float("-inf"), 2**63, -(2**63) - 1])
def test_settings_that_could_not_be_kept_as_they_are_are_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="settings"):
        OrderDocument.model_validate(_document(lines=[_line(settings={"a": value})]))


def test_an_order_that_says_nothing_of_failing_is_written_without_a_word_of_it() -> None:
    written = OrderDocument.model_validate(_document(lines=[_line()])).model_dump_json()
    assert "failure" not in written
    assert "optional" not in written
    needed = OrderDocument.model_validate(_document(lines=[_line(optional=False)], failure="keep_what_worked"))
    assert OrderDocument.model_validate(_document(**json.loads(needed.model_dump_json(exclude={"customer"})))) == needed


def test_a_pin_is_not_shown_by_the_document_that_holds_it() -> None:
    document = OrderDocument.model_validate(_document())
    assert "4711" not in repr(document)
    assert "4711" not in document.model_dump_json()


@pytest.mark.parametrize(
    ("lines", "remedy"),
    [
        ([_line(numbers={"exact": ["+441214960000"], "count": 2})], "not both"),
        ([_line(numbers={"exact": ["+441214960000", "441214960000"]})], "name each number once"),
        ([_line(numbers={"exact": ["+441214960000"]}), _line(numbers={"exact": ["+441214960000"]})], "two lines"),
        ([_line(numbers={"count": 600}), _line(numbers={"count": 600})], "split the order"),
        ([_line(numbers={"exact": ["0121 496"]})], r"\+441214960000"),
        ([_line(numbers={"exact": ["+441214960000"], "policy": "available"})], "all or substitute"),
        ([_line(numbers={"exact": ["+441214960000"], "ends_with": "7", "policy": "substitute"})], "need no filter"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused_with_the_remedy(lines: object, remedy: str) -> None:
    with pytest.raises(ValidationError, match=remedy):
        OrderDocument.model_validate(_document(lines=lines))


@given(st.integers(10**6, 10**15 - 1))
def test_a_number_is_the_same_with_plus_without_and_as_integer(number: int) -> None:
    assert parse_e164(f"+{number}") == parse_e164(str(number)) == parse_e164(number) == number


@pytest.mark.parametrize("wrong", ["", "+", "0121", "+0441214960000", "12", True, None, 1.5, "+44 121", 10**16])
def test_what_is_no_number_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"E\.164"):
        parse_e164(wrong)


def test_money_travels_as_a_string() -> None:
    assert json.loads(Money.model_validate({"amount": "9.9900", "currency": "GBP"}).model_dump_json()) == {
        "amount": "9.9900",
        "currency": "GBP",
    }


def test_money_is_not_finer_than_a_hundredth_of_a_penny() -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": "0.00001", "currency": "GBP"})
