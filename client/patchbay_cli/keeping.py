"""`patchbay blocks`, what changes them: numbers are lent and taken back, rest, and are graded. Each change says why."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from patchbay_cli import config, output
from patchbay_cli.reading import Document, document
from patchbay_client import inventory
from patchbay_client.calls import Call

app = typer.Typer()
Meant = Annotated[list[str], typer.Argument(metavar="NUMBER...", help="As +441217370000, or first..last of a range.")]
Why = Annotated[str, typer.Option("--why", help="Stands in the log of the inventory.")]
OfPool = Annotated[str, typer.Option(help="public, reseller:acme, or customer:acme/<customer id>.")]


@app.command()
def lend(meant: Meant, to: OfPool, why: Why) -> None:
    """Lend numbers to a pool. What is in use stays where it is: ends with 3 if some are not lent."""
    found = _asked(inventory.lend(_ranges(meant), _pool(to), why))
    rows = [("lent", found["lent"]), ("there already", found["there_already"])]
    left = [(f"not lent: {one['state']}", one["ranges"]) for one in found["not_free"]]
    left += [("not lent: lent elsewhere", found["lent_elsewhere"]), ("not lent: in no block", found["unknown"])]
    _became([*rows, *left])
    if any(ranges for _, ranges in left):
        raise typer.Exit(output.REFUSED)


@app.command("take-back")
def take_back(meant: Meant, why: Why) -> None:
    """Take lent numbers back. What is in use is the lender's again when it is free."""
    found = _asked(inventory.take_back(_ranges(meant), why))
    later = [(f"when free: {one['state']}", one["ranges"]) for one in found["when_free"]]
    _became([("taken back", found["returned"]), *later, ("were not lent", found["not_lent"])])


@app.command()
def rest(
    pool: OfPool,
    why: Why,
    days: Annotated[int | None, typer.Option(min=0, max=3_650, help="Otherwise as long as the settings say.")] = None,
) -> None:
    """Set how long a pool's numbers rest after they were in service."""
    _changed(_asked(inventory.rest(_pool(pool), days, why)))


@app.command()
def grade(
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER...", help="As +441217370000.")],
    why: Why,
    grade: Annotated[
        str, typer.Option(help="platinum, gold, silver, bronze or standard; otherwise by the rules.")
    ] = "",
) -> None:
    """State the grade of numbers, or let the rules decide again. Ends with 3 if one is in no block."""
    found = _asked(inventory.grade(numbers, grade or None, why))
    _changed(found)
    for number in found["unknown"]:
        output.say(f"{number} is in no block")
    if found["unknown"]:
        raise typer.Exit(output.REFUSED)


@app.command()
def rules() -> None:
    """Show the grade rules in force, as a document that `regrade` takes."""
    found = _asked(inventory.rules())
    if not output.for_programs():
        output.people.print_json(data=found)


@app.command()
def regrade(
    file: Document,
    why: Why,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would change; 7 if anything would.")
    ] = False,
) -> None:
    """Grade by the rules of a file, which says by its `version` what they replace, as `rules` shows it."""
    declared = document(file)
    given, version = declared.get("rules", ()), declared.get("version", 0)
    if not dry_run:
        found = _asked(inventory.declare(given, version, why))
        output.say(f"version {found['version']} is in force")
        return
    found = _asked(inventory.preview(given))
    if not output.for_programs():
        rows = ((one["before"], one["after"], f"{one['numbers']:,}", one["examples"][0]) for one in found["regraded"])
        output.table(("before", "after", "numbers", "such as"), rows)
    if found["numbers"]:
        raise typer.Exit(output.WOULD_CHANGE)


def _asked(call: Call[Any]) -> Any:
    """What is answered; programs are told it at once."""
    with config.client() as patchbay:
        found = patchbay(call)
    output.told(found)
    return found


def _pool(given: str) -> dict[str, str]:
    pool, _, owner = given.partition(":")
    return {"pool": pool, "owner": owner}


def _ranges(meant: Sequence[str]) -> list[tuple[str, str]]:
    ends = (one.partition("..") for one in meant)
    return [(first, last or first) for first, _, last in ends]


def _changed(found: Any) -> None:
    if not output.for_programs():
        output.say(f"{found['changed']:,} changed")


def _became(rows: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> None:
    """What became of which numbers."""
    if output.for_programs():
        return
    shown = ((what, first, "" if first == last else last) for what, ranges in rows for first, last in ranges)
    output.table(("what", "first", "last"), shown)
