"""What a runtime keeps in its folder between two starts: ports, secrets, where the data is."""

from __future__ import annotations

import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from patchbay_local.ports import free_port, is_free

ROOT = Path(__file__).resolve().parents[3]
KAFKA_FILES = Path(__file__).resolve().parents[1] / "kafka"


def runtime_folder() -> Path:
    return Path(os.environ.get("PATCHBAY_RUNTIME") or ROOT / ".runtime").absolute()


def owner_of(folder: Path) -> str:
    """Whose it is, and what somebody else can do who may not use it."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return f"{there} belongs to {there.owner()}: be that user, or set PATCHBAY_RUNTIME to a folder of your own"


def cache_folder() -> Path:
    return Path(os.environ.get("PATCHBAY_CACHE") or ROOT / ".cache").absolute()


def password() -> str:
    return secrets.token_urlsafe(24)


def key_of_32_bytes() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def api_key() -> str:
    return f"pb_demo_{secrets.token_urlsafe(24)}"


def write_private(path: Path, text: str) -> None:
    """Replaces a file at once, so that a crash leaves the old or the new one; readable by its owner only."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


class State:
    """A folder and its `state.json`. Values are made once, when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = self.folder / "state.json"
        kept = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._ports: dict[str, int] = kept.get("ports", {})
        self._texts: dict[str, str] = kept.get("texts", {})

    @property
    def logs(self) -> Path:
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        return logs

    def port(self, name: str) -> int:
        if name not in self._ports:
            self._ports[name] = free_port(set(self._ports.values()))
            self._save()
        return self._ports[name]

    def move_from_busy_ports(self) -> None:
        """To be called while nothing of ours runs: a port that someone else took meanwhile is given up."""
        self._ports = {name: port for name, port in self._ports.items() if is_free(port)}
        self._save()

    def once(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._texts:
            self.put(name, make())
        return self._texts[name]

    def get(self, name: str) -> str | None:
        return self._texts.get(name)

    def put(self, name: str, text: str) -> None:
        if self._texts.get(name) != text:
            self._texts[name] = text
            self._save()

    def _save(self) -> None:
        write_private(self._file, json.dumps({"ports": self._ports, "texts": self._texts}, indent=1))
