"""`make compat`: what this tree would break for those who use the API, the messages or the topics of a git ref.

Compares with `main`, or `REF=…`. Both gateways are asked for their OpenAPI documents, so nothing of it is committed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patchbay_contracts.compatible import schema_breaks, topic_breaks
from patchbay_contracts.openapi_compatible import openapi_breaks
from patchbay_contracts.topics import Topic

ROOT = Path(__file__).parents[1]
CONTRACTS = Path("contracts/patchbay_contracts")
ALLOWED = Path("docs/compatibility_allowed.txt")
"""Breaks that were decided on, a line each as this prints them; `#` begins a comment that says why."""
_DOCUMENT = """
import json, sys
from gateway_service.http import app
from gateway_service.settings import settings
from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns
database = Database("postgresql://nowhere", "openapi")
running = Running(database, Turns(database, Producer("nowhere:9092", "openapi", "")), settings())
json.dump(app(running).openapi(), sys.stdout)
"""
_ENVIRONMENT = {"PATCHBAY_PIN_TRANSPORT_KEY": "A" * 43 + "=", "PATCHBAY_DATABASE": "postgresql://nowhere"}


class NotComparable(Exception):
    """One of the two cannot be had."""


def openapi(tree: Path) -> dict[str, Any]:
    """The document of the gateway in that tree, with this environment's libraries. Raises NotComparable."""
    path = os.pathsep.join(str(tree / folder) for folder in ("contracts", "chassis", "services/gateway"))
    env = os.environ | _ENVIRONMENT | {"PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", _DOCUMENT], cwd=tree, env=env, capture_output=True, check=False)
    if done.returncode:
        raise NotComparable(f"the gateway in {tree} does not start:\n{done.stderr.decode()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def schemas(tree: Path) -> dict[str, Any]:
    """The messages' JSON Schemas, as they are committed there."""
    return {file.stem: json.loads(file.read_text()) for file in sorted((tree / CONTRACTS / "schemas").glob("*.json"))}


def topics(tree: Path) -> dict[str, Topic]:
    """The topics, as they are declared there."""
    files = sorted((tree / CONTRACTS / "topic_files").glob("*.toml"))
    return {file.stem: Topic(name=file.stem, **tomllib.loads(file.read_text())) for file in files}


def breaks(before: Path, after: Path) -> Iterator[str]:
    """All that would break between two trees. Raises NotComparable."""
    yield from openapi_breaks(openapi(before), openapi(after))
    was, now = schemas(before), schemas(after)
    for name in was:
        if name not in now:
            yield f"{name}: the message is gone"
            continue
        document = name[0].isupper()  # such as OrderDocument, which callers write and services read
        yield from (f"{name}{one}" for one in schema_breaks(was[name], now[name], "asked" if document else "message"))
    yield from topic_breaks(topics(before), topics(after))


def at(ref: str, into: Path) -> None:
    """The tree of a ref. Raises NotComparable where git does not know it."""
    known = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"], cwd=ROOT, capture_output=True, check=False
    )
    if known.returncode:
        raise NotComparable(f"there is no {ref!r} here")
    wanted = ["contracts", "chassis", "services/gateway"]
    archive = into / "tree.tar"
    subprocess.run(["git", "archive", f"--output={archive}", ref, *wanted], cwd=ROOT, check=True)
    shutil.unpack_archive(archive, into)


def main(ref: str | None) -> int:
    """Say what would break: 1 if anything does, 2 if the ref that was named is not there."""
    name = ref or "main"
    with tempfile.TemporaryDirectory() as folder:
        try:
            at(name, Path(folder))
        except NotComparable as error:
            sys.stdout.write(f"NOTHING WAS COMPARED: {error}. Name one that is: make compat REF=origin/main\n")
            return 2 if ref else 0
        found = list(breaks(Path(folder), ROOT))
    lines = (ROOT / ALLOWED).read_text().splitlines() if (ROOT / ALLOWED).exists() else []
    allowed = {line.partition(" # ")[0].strip() for line in lines}
    bad = [one for one in found if one not in allowed]
    sys.stdout.write("".join(f"{one}\n" for one in bad))
    sys.stdout.write(f"{len(bad)} breaking changes since {name}: see docs/compatibility.md\n")
    return int(bool(bad))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ref", nargs="?", help="what to compare with; main")
    raise SystemExit(main(parser.parse_args().ref or None))
