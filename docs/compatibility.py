"""`make compat`: what this tree would break for those who use the API, the messages or the topics of a git ref.

Compares with where it left `main` (on `main` itself: with the commit before) and with the commit in
`compatibility_since.txt`; or with `REF=…`. Both gateways are asked for their OpenAPI documents, so nothing of it is
committed.
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
SINCE = Path("docs/compatibility_since.txt")
"""Since which commit all holds that docs/compatibility.md promises: the last release, once there is one."""
MAINS = ("main", "origin/main")
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


def commit(*words: str) -> str:
    """What git says to that, such as the commit of a ref; empty where it knows none."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def landed() -> dict[str, str]:
    """By their commits what this tree has to suit, and what that is: nothing is compared with itself alone, also not on
    `main`, where a change that breaks something may have come with the last commits."""
    head = commit("rev-parse", "--verify", "--quiet", "HEAD")
    if not head:
        return {}
    found = {}
    for name in MAINS:
        base = commit("merge-base", "HEAD", name)
        if base and base != head:
            found[base] = f"where this left {name}"
    before = commit("rev-parse", "--verify", "--quiet", "HEAD^")
    if not found and before:
        found[before] = "the commit before"
    if commit("status", "--porcelain", "--untracked-files=no"):
        found[head] = "HEAD"
    since = (ROOT / SINCE).read_text().splitlines()[-1].split()[0]
    if commit("cat-file", "-t", since) == "commit" and since != head:
        found.setdefault(since, f"the commit in {SINCE}")
    return found


def at(ref: str, into: Path) -> None:
    """The tree of a ref. Raises NotComparable where git does not know it."""
    if not commit("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"):
        raise NotComparable(f"there is no {ref!r} here")
    wanted = ["contracts", "chassis", "services/gateway"]
    archive = into / "tree.tar"
    subprocess.run(["git", "archive", f"--output={archive}", ref, *wanted], cwd=ROOT, check=True)
    shutil.unpack_archive(archive, into)
    archive.unlink()


def main(ref: str | None) -> int:
    """Say what would break: 1 if anything does, 2 if the ref that was named cannot be compared with."""
    refs = {ref: ref} if ref else landed()
    if not refs:
        sys.stdout.write("NOTHING WAS COMPARED: there are no earlier commits here. Fetch more: git fetch --unshallow\n")
        return 0
    return max(_compare(one, name) for one, name in refs.items())


def _compare(ref: str, name: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        try:
            at(ref, Path(folder))
            found = list(breaks(Path(folder), ROOT))
        except NotComparable as error:
            sys.stdout.write(f"NOTHING WAS COMPARED with {name}: {error}\n")
            return 2
    lines = (ROOT / ALLOWED).read_text().splitlines() if (ROOT / ALLOWED).exists() else []
    allowed = {line.partition(" # ")[0].strip() for line in lines}
    bad = [one for one in found if one not in allowed]
    sys.stdout.write("".join(f"{one}\n" for one in bad))
    known = "" if name == ref else f" ({ref[:12]})"
    sys.stdout.write(f"{len(bad)} breaking changes since {name}{known}: see docs/compatibility.md\n")
    return int(bool(bad))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ref", nargs="?", help="what to compare with; otherwise what has landed")
    raise SystemExit(main(parser.parse_args().ref or None))
