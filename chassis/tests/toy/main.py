"""What the toy service handles. `python -m toy.main` runs it like any other."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from patchbay_chassis.database import Connection
from patchbay_chassis.router import Router
from patchbay_chassis.service import Service, run
from patchbay_chassis.settings import ServiceSettings
from patchbay_contracts.message import OrderMessage


class Ping(OrderMessage, topic="toy.commands.v1", type="toy.Ping.v1"):
    word: str = "ping"


class Pong(OrderMessage, topic="toy.replies.v1", type="toy.Pong.v1"):
    word: str = "pong"


class Unwanted(OrderMessage, topic="toy.commands.v1", type="toy.Unwanted.v1"):
    pass


class Settings(ServiceSettings):
    chatty: bool = False


@cache
def settings() -> Settings:
    return Settings()


router = Router()
CHAT = """
    INSERT INTO ping (id, word) SELECT gen_random_uuid(), 'chat'
    WHERE NOT EXISTS (SELECT FROM ping WHERE word = 'chat') RETURNING id"""
INSERT = "INSERT INTO ping (id, word) SELECT * FROM unnest($1::uuid[], $2::text[])"


@router.handles(Ping)
async def answer_pings(pings: Sequence[Ping], db: Connection) -> list[Pong]:
    if any(ping.word == "bug" for ping in pings):
        raise RuntimeError("a bug that this word brings out")
    await db.execute(INSERT, [p.order_id for p in pings], [p.word for p in pings])
    return [Pong(order_id=ping.order_id, reseller=ping.reseller, word=ping.word) for ping in pings]


@router.every(timedelta(milliseconds=200))
async def chat(db: Connection) -> list[Pong]:
    """Says something of its own accord, when told to, until it has said it once."""
    if not settings().chatty:
        return []
    return [Pong(order_id=id_, reseller="acme", word="chat") for (id_,) in await db.fetch(CHAT)]


service = Service("toy", router, settings)

if __name__ == "__main__":
    run(service)
