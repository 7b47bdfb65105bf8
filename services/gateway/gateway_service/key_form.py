"""How an API key is written: `pb_`, its id, its secret, and a checksum, so that a lost one is recognised anywhere."""

import hashlib
import re
import secrets
import zlib
from base64 import b32encode
from typing import NamedTuple

PATTERN = r"pb_([0-9a-f]{12})_([a-z2-7]{52})([0-9a-f]{8})"
"""For scanners of secrets. The last eight are the CRC-32 of what stands before them."""
_KEY = re.compile(PATTERN)
_BEGINNING = re.compile(r"pb_[0-9a-f]{12}_")


class Minted(NamedTuple):
    """A new key as it is shown once, and what is kept of it."""

    written: str
    hash: bytes


def new_id() -> str:
    """An id for a key: public, and the same after each change of its secret."""
    return secrets.token_hex(6)


def minted(id_: str) -> Minted:
    """A new secret of 256 bits for the key with that id."""
    secret = b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
    text = f"pb_{id_}_{secret}"
    written = f"{text}{zlib.crc32(text.encode()):08x}"
    return Minted(written, hashed(written))


def hashed(key: str) -> bytes:
    """What is stored of a key. A key has 256 bits of its own randomness, so a plain fast hash gives nothing away."""
    return hashlib.sha256(key.encode()).digest()


def id_in(key: str) -> str | None:
    """The id of a key, read from it; None for what is none, or was written wrongly."""
    found = _KEY.fullmatch(key)
    if found is None or f"{zlib.crc32(key[:-8].encode()):08x}" != key[-8:]:
        return None
    return found[1]


def may_be_one(key: str) -> bool:
    """False for what begins like one of ours and is none: then nobody need be asked. Older keys have any form, also
    `pb_` and something else."""
    return _BEGINNING.match(key) is None or id_in(key) is not None
