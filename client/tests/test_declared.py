"""A file that declares service types or price lists is read with the place of each slip, and compared part by part."""

from pathlib import Path

import pytest
import typer

from patchbay_cli import catalogue, prices
from patchbay_cli.declared import differences, read

JSON = '{"service_types": {"voice-line": {"name": "Voice line"}}}'
TOML = '[service_types.voice-line]\nname = "Voice line"\n'


def written(folder: Path, text: str, name: str = "catalogue.json") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(("text", "name"), [(JSON, "a.json"), (TOML, "a.toml")])
def test_a_file_is_json_or_toml(tmp_path: Path, text: str, name: str) -> None:
    assert read(written(tmp_path, text, name), "service_types") == {"voice-line": {"name": "Voice line"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"service_types": {\n  "a" {}\n}}', "line 2, column 7"),
        ('{"service_types": {"a": {}, "a": {}}}', "'a' stands twice"),
        ('{"service_types": {"a": 5}}', "/service_types/a: write an object"),
        ('{"services": {}}', "service_types or price_lists"),
        ('{"price_lists": {}}', "/service_types: there is none"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(typer.BadParameter) as bad:
        read(written(tmp_path, text), "service_types")
    assert said in bad.value.message


def test_a_day_in_toml_is_told_to_be_a_text(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter) as bad:
        read(written(tmp_path, "[service_types.a]\nfrom = 2026-12-01\n", "a.toml"), "service_types")
    assert "/service_types/a/from: " in bad.value.message


def test_what_differs_is_told_by_its_place() -> None:
    before = {"name": "a", "numbers": {"least": 0, "most": 2}, "included": ["x"]}
    after = {"name": "b", "numbers": {"most": 2}, "included": ["x"], "terms": {}}
    assert [(one["what"], one["pointer"]) for one in differences(before, after)] == [
        ("changed", "/name"),
        ("removed", "/numbers/least"),
        ("added", "/terms"),
    ]


def test_amounts_are_compared_as_numbers_and_prices_in_any_order() -> None:
    line = {"service_type": "voice-line", "grade": None, "setup": "6", "monthly": "9.00"}
    gold = {"service_type": "voice-line", "grade": "gold", "setup": "75.0000", "monthly": 5}
    kept = [gold | {"monthly": "5.0000"}, line | {"setup": "6.0000"}]
    assert not list(differences(prices.compared({"prices": [line, gold]}), prices.compared({"prices": kept})))
    (dearer,) = differences(prices.compared({"prices": [line]}), prices.compared({"prices": [line | {"setup": "7"}]}))
    assert (dearer["pointer"], dearer["after"]) == ("/prices/voice-line, itself/setup", "7.0000")


def version(
    number: int, valid_from: str | None, valid_to: str | None = None, state: str = "published"
) -> dict[str, object]:
    return {"version": number, "state": state, "valid_from": valid_from, "valid_to": valid_to}


def test_what_stands_on_a_day_is_what_owners_say_it_is() -> None:
    versions = [
        version(4, None, state="draft"),
        version(3, "2026-06-01"),
        version(2, "2026-09-01"),
        version(1, "2026-01-01"),
    ]
    by_day = {
        day: catalogue.standing(versions, day) for day in ("2025-12-31", "2026-05-31", "2026-06-01", "2026-09-01")
    }
    assert [one and one["version"] for one in by_day.values()] == [None, 1, 3, 2]
    assert [(prices.standing(versions, day) or {}).get("version") for day in by_day] == [None, 1, 3, 3]
    ended = [version(2, "2026-06-01", "2026-06-10", "retired"), version(1, "2026-01-01")]
    assert (catalogue.standing(ended, "2026-06-10"), prices.standing(ended, "2026-06-11")) == (None, None)
    never = [version(2, "2026-06-01", "2026-06-01", "retired"), version(1, "2026-01-01")]
    assert (catalogue.standing(never, "2026-06-02") or {})["version"] == 1
