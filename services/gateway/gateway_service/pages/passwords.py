"""Passwords of operators: argon2id, hashed in a thread, so that nobody else waits for it."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's first choice for argon2id. 19 MiB and two passes: see ADR 31 for what it takes.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Of no password, at the same cost; written down, because to make one takes a start 30 ms.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$n6iNS6f8Tirirl/1KGkb7A$+2aX4zfPCotISwWvaLNk3pPtH/mwUgw996sc36TyG/A"
# One at a time: a crowd at the door must not take both cores and its memory from orders.
_turn = asyncio.Semaphore(1)


async def hashed(password: str) -> str:
    """What is kept of a password."""
    async with _turn:
        return await asyncio.to_thread(HASHER.hash, password)


async def fits(password: str, hash_: str | None) -> bool:
    """Whether it is the password. Takes the same time when there is none: who is known is not to be heard."""
    async with _turn:
        return await asyncio.to_thread(_fits, hash_ or NOBODY, password) and hash_ is not None


def is_outdated(hash_: str) -> bool:
    """Whether it was made at another cost than today's."""
    return HASHER.check_needs_rehash(hash_)


def _fits(hash_: str, password: str) -> bool:
    try:
        return HASHER.verify(hash_, password)
    except (VerificationError, InvalidHashError):
        return False
