"""Cursors: opaque texts that say where a search goes on, and that belong to one filter."""

import base64
import binascii
import struct
from dataclasses import fields
from hashlib import blake2b
from typing import NamedTuple

from numbers_service.index.wanted import BadFilter, Wanted

_FORM = struct.Struct(">8sHQQ")


class Position(NamedTuple):
    """Where the last answer ended: a pool and a number, or for `random` a seed and a place in its order."""

    pool: int
    number: int
    seed: int = 0


# What a cursor is bound to. How many are wanted belongs to it for a run only: there it is the run's length.
_BOUND = [
    one.name
    for one in fields(Wanted)
    if one.name not in {"count", "cursor", "exact_counts", "also_pools", "seed", "grades"}
]


def _filter(wanted: Wanted) -> bytes:
    count = wanted.count if wanted.method == "run" else 0
    parts = (count, sorted(wanted.grades), *(getattr(wanted, name) for name in _BOUND))
    return blake2b(repr(parts).encode(), digest_size=8).digest()


def write(wanted: Wanted, position: Position) -> str:
    """A cursor for this filter."""
    packed = _FORM.pack(_filter(wanted), position.pool, position.number, position.seed)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read(wanted: Wanted) -> Position | None:
    """Where to go on; None: at the beginning. Raises BadFilter for a cursor that is not this filter's."""
    if not wanted.cursor:
        return None
    try:
        packed = base64.b64decode(wanted.cursor + "=" * (-len(wanted.cursor) % 4), b"-_", validate=True)
        bound, pool, number, seed = _FORM.unpack(packed)
    except (ValueError, binascii.Error, struct.error):
        raise BadFilter("cursor", "it is none that a search has given", "leave it out to begin again") from None
    if bound != _filter(wanted):
        raise BadFilter("cursor", "it belongs to another filter", "leave it out to begin again")
    return Position(pool, number, seed)
