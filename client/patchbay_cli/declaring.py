"""`apply` and `export`: what a file declares is made so, and what is so is written as a file."""

import typer

from patchbay_cli import applying, config
from patchbay_cli.applying import Topic
from patchbay_cli.options import Declared, DryRun, From, Output, Replace, Why, wish, write


def add(app: typer.Typer, topic: Topic, *, applies: str, exports: str) -> None:
    """Give it both commands, with what they are said to do."""

    @app.command(help=applies)
    def apply(
        file: Declared, dry_run: DryRun = False, why: Why = "", begins: From = "", replace_drafts: Replace = False
    ) -> None:
        with config.client() as patchbay:
            raise typer.Exit(applying.apply(patchbay, topic, file, wish(file, why, begins, dry_run, replace_drafts)))

    @app.command(help=exports)
    def export(to: Output = None) -> None:
        with config.client() as patchbay:
            write(applying.export(patchbay, topic), to)
