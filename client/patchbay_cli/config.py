"""Where Patchbay is and with which key, as `patchbay login` keeps it: a file that its user alone may read."""

import json
import os
import tomllib
from pathlib import Path
from typing import NamedTuple

from patchbay_client import Client, NotAllowed

URL, KEY = "PATCHBAY_URL", "PATCHBAY_API_KEY"


class Access(NamedTuple):
    """Where, and with which key."""

    url: str
    key: str


def place() -> Path:
    """Where it is kept (`$XDG_CONFIG_HOME`, or `~/.config`)."""
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "patchbay" / "config.toml"


def read() -> Access:
    """What the environment says, and otherwise what was kept. Raises NotAllowed with what to do."""
    file = place()
    kept = tomllib.loads(file.read_text()) if file.exists() else {}
    url, key = os.environ.get(URL) or kept.get("url", ""), os.environ.get(KEY) or kept.get("key", "")
    if not url or not key:
        detail = f"Run `patchbay login`, or set {URL} and {KEY}."
        raise NotAllowed("Nobody is signed in", {"detail": detail})
    return Access(url, key)


def keep(access: Access) -> Path:
    """Keep it for the next commands."""
    file = place()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A JSON string is a TOML string.
    text = f"url = {json.dumps(access.url)}\nkey = {json.dumps(access.key)}\n"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(text)
    return file


def client() -> Client:
    """A client with what is known."""
    access = read()
    return Client(access.url, access.key)
