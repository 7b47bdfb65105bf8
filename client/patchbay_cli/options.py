"""What `apply` and `export` can be told."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from patchbay_cli.applying import Wish, today

Declared = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON or TOML, as `export` writes it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change; ends with 7 if anything would.")]
Why = Annotated[str, typer.Option(help="Stands in the log; otherwise the file's name does.")]
From = Annotated[str, typer.Option("--from", help="The day from which on it counts, as 2026-12-01; otherwise today.")]
Replace = Annotated[bool, typer.Option("--replace-drafts", help="Also where a draft says something else.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", dir_okay=False, help="Otherwise it is printed.")]


def wish(file: Path, why: str, begins: str, dry_run: bool, replace_drafts: bool) -> Wish:
    """How the file is to be applied. Raises BadParameter for a day that is none."""
    try:
        day = date.fromisoformat(begins or today()).isoformat()
    except ValueError:
        raise typer.BadParameter("give a day such as 2026-12-01", param_hint="--from") from None
    return Wish(day, why or f"applied from {file.name}", dry_run, replace_drafts)


def write(found: dict[str, Any], to: Path | None) -> None:
    """As a file that can be applied."""
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    if to is None:
        sys.stdout.write(text)
    else:
        to.write_text(text, "utf-8")
