"""The database: what is done after a commit, and what an error may repeat."""

import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from patchbay_chassis.database import Connection, Database, Held, Overtaken, discreet, is_outage
from patchbay_chassis.envelope import Said

Transaction = Callable[[], AbstractAsyncContextManager[Connection]]
PING = "INSERT INTO ping (id, word) VALUES ($1, $2)"
SECRET = "forbidden"
"""A word that the toy's table does not take."""


@pytest_asyncio.fixture(params=["of the pool", "on a kept connection"])
async def transaction(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Transaction]:
    """Begins transactions, one after the other on the same connection."""
    database = Database(database_url, "tests", connections=1)
    held = Held(database)
    yield database.transaction if request.param == "of the pool" else held.transaction
    await held.close()
    await database.close()


async def test_after_the_commit_is_done_what_should_be_done_then_in_its_order(
    transaction: Transaction, database: Database
) -> None:
    done = list[str]()
    async with transaction() as db:
        db.after_commit(lambda: done.append("first"))
        db.after_commit(lambda: done.append("second"))
        await db.execute(PING, uuid4(), "ping")
        assert done == []
    assert done == ["first", "second"]


async def test_after_a_roll_back_nothing_is_done_and_not_after_the_next_commit_either(transaction: Transaction) -> None:
    done = list[str]()

    async def say(word: str) -> None:
        async with transaction() as db:
            db.after_commit(lambda: done.append(word))
            await db.execute(PING, uuid4(), word)

    with pytest.raises(asyncpg.CheckViolationError):
        await say(SECRET)
    assert done == []
    await say("ping")
    assert done == ["ping"]


async def test_after_a_commit_that_failed_nothing_is_done(transaction: Transaction) -> None:
    done = list[str]()
    async with transaction() as db:
        await db.execute("CREATE TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")

    async def twice() -> None:
        async with transaction() as db:
            db.after_commit(lambda: done.append("in vain"))
            await db.execute("INSERT INTO once VALUES (1), (1)")

    with pytest.raises(asyncpg.UniqueViolationError):
        await twice()
    assert done == []


async def failure(database: Database, statement: str, *values: Any) -> Exception:
    try:
        async with database.transaction() as db:
            await db.execute(statement, *values)
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (PING, (uuid4(), SECRET)),
        ("SELECT $1::int", (SECRET,)),
        ("SELECT $1::uuid[]", ([SECRET],)),
        ("SELECT $1::bigint[]", ([1, SECRET],)),
        ("SELECT $1::text", ({"pin": SECRET},)),
        ("SELECT $1::text", (f"{SECRET} \udcff",)),
        ("SELECT $1::text::int", (SECRET,)),
    ],
    ids=["refused by a check", "no number", "no id", "one in an array", "no text", "no unicode", "no cast"],
)
async def test_a_discreet_error_does_not_repeat_the_value(
    database: Database, statement: str, values: tuple[Any, ...]
) -> None:
    error = await failure(database, statement, *values)
    assert SECRET in str(error)
    said = discreet(error)
    assert SECRET not in "".join(traceback.format_exception(said))
    assert SECRET not in repr(said)
    assert not is_outage(said)


async def test_a_discreet_error_still_says_what_was_wrong(database: Database) -> None:
    said = discreet(await failure(database, PING, uuid4(), SECRET))
    assert isinstance(said, asyncpg.CheckViolationError)
    assert "ping_word_check" in str(said)
    bug = RuntimeError("a bug")
    assert discreet(bug) is bug


class Counter:
    """Gathers a word each time, and tells how many there were."""

    def __init__(self) -> None:
        self.words = list[str]()

    async def close_up(self, db: Connection) -> list[Said]:
        await db.execute(PING, uuid4(), f"{len(self.words)} words")
        return []


async def test_what_a_transaction_gathers_does_its_work_once_at_the_end(
    transaction: Transaction, database: Database
) -> None:
    async with transaction() as db:
        db.gather(Counter).words.append("one")
        db.gather(Counter).words.append("two")
        assert await db.close_up() == []
    async with transaction() as db:
        assert await db.fetchval("SELECT array_agg(word) FROM ping") == ["2 words"]
        assert await db.close_up() == []


async def test_what_is_gathered_is_forgotten_with_a_roll_back(transaction: Transaction) -> None:
    async def gather_and_fail() -> None:
        async with transaction() as db:
            db.gather(Counter)
            await db.execute(PING, uuid4(), SECRET)

    with pytest.raises(asyncpg.CheckViolationError):
        await gather_and_fail()
    async with transaction() as db:
        assert await db.close_up() == []


async def test_a_transaction_that_nobody_closes_up_is_not_committed(transaction: Transaction) -> None:
    async def forget_to_close_up() -> None:
        async with transaction() as db:
            db.gather(Counter)
            await db.execute(PING, uuid4(), "ping")

    with pytest.raises(RuntimeError, match="Counter"):
        await forget_to_close_up()
    async with transaction() as db:
        assert await db.fetchval("SELECT count(*) FROM ping") == 0


async def test_who_comes_to_a_lock_that_it_will_not_wait_for_is_overtaken_and_keeps_its_connection(
    transaction: Transaction, database: Database
) -> None:
    async def lock_at_once() -> None:
        async with transaction() as db:
            await db.execute("LOCK TABLE ping NOWAIT")

    async with transaction() as db:
        first = await db.fetchval("SELECT pg_backend_pid()")
    async with database.transaction() as other:
        await other.execute("LOCK TABLE ping")
        with pytest.raises(Overtaken):
            await lock_at_once()
    async with transaction() as db:
        assert await db.fetchval("SELECT pg_backend_pid()") == first
