"""How a batch is split: together what may go together, one after the other what belongs to one key."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.router import Router, waves
from patchbay_contracts.message import Message
from toy.main import Ping, Pong

router = Router()
A, B = uuid4(), uuid4()


@router.handles(Ping)
async def pings(messages: Sequence[Ping], db: Connection) -> list[None]:
    return [None for _ in messages]


@router.handles(Pong, folds=True)
async def pongs(messages: Sequence[Pong], db: Connection) -> list[None]:
    return [None for _ in messages]


def ping(key: UUID) -> Ping:
    return Ping(order_id=key, reseller="acme")


def pong(key: UUID) -> Pong:
    return Pong(order_id=key, reseller="acme")


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], []),
        ([ping(A), ping(B)], [{pings: [0, 1]}]),
        ([ping(A), ping(A)], [{pings: [0]}, {pings: [1]}]),
        ([ping(A), ping(B), ping(A), ping(B)], [{pings: [0, 1]}, {pings: [2, 3]}]),
        ([ping(A), pong(B)], [{pings: [0], pongs: [1]}]),
        ([ping(A), pong(A)], [{pings: [0]}, {pongs: [1]}]),
        ([pong(A), pong(A), pong(B)], [{pongs: [0, 1, 2]}]),
        ([pong(A), ping(A), pong(A)], [{pongs: [0]}, {pings: [1]}, {pongs: [2]}]),
    ],
)
def test_a_batch_is_split_into_waves_that_keep_each_keys_order(messages: list[Message], expected: Any) -> None:
    assert waves(messages, router) == expected


def test_a_waves_handlers_run_in_the_routers_order_whatever_came_first() -> None:
    (wave,) = waves([pong(A), ping(B)], router)
    assert list(wave) == [pings, pongs]


def test_a_message_type_has_one_handler() -> None:
    with pytest.raises(TypeError, match="Ping is handled twice"):
        router.handles(Ping)(pings)
