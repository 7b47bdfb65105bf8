"""What the wizard's bench finds when it begins: customers by the million, numbers in blocks, operators signed in.

Customers are made in SQL, in the columns that an order's customer has; the test of the bench compares their words with
those that orders give theirs.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import asyncpg

from bench.world import BLOCK, World, load_blocks, say
from gateway_service.pages import people_queries
from gateway_service.pages.people import ALL, ROLES
from gateway_service.pages.sessions import digest
from patchbay_chassis.database import Database

RESELLERS = ("acme", "borealis")
"""Those of the demo: every second operator acts for these alone, the others for all."""
OTHERS = 100
DEMO = "demo@patchbay.example"
_FIRST_NAMES = (
    "Ada Amara Ben Bilal Chloe Cyril Dev Dora Erin Ewan Farid Fay Grace Gwen Hana Hugh Ines Isaac Jade Jonas Kate Kofi"
    " Lena Liam Maya Miles Nadia Noor Olga Omar Paul Petra Quentin Rachel Rhys Ruth Sam Sofia Tariq Tess Uma Ursula"
    " Victor Vera Wade Wendy Xenia Yara Yusuf Zoe"
)
_BEGINNINGS = (
    "Ash Beck Black Brook Castle Clay Cross Dale East Fair Ford Grand Green Hart Hazel High Hill Lake Lang Long Mill"
    " New North Oak Park Red Rich Rose Sand Shaw South Stan Stone Sutt Thorn Under Wake West White Wood"
)
_ENDINGS = "bourne bridge brook bury by cote dale den field ford gate ham hurst lea ley man mere stead ton well"
FIRST_NAMES = _FIRST_NAMES.split()
SURNAMES = [beginning + ending for beginning in _BEGINNINGS.split() for ending in _ENDINGS.split()]

_RESELLERS = """
    INSERT INTO reseller (id, name, email)
    SELECT 'reseller-' || lpad(n::text, 3, '0'), 'Reseller ' || n, 'orders@reseller-' || n || '.example'
    FROM generate_series(0, $1::int - 1) AS n"""
# Half of them are acme's, a quarter borealis', the rest the others'. So many names as there are in all, then again.
_CUSTOMERS = """
    INSERT INTO customer (id, reseller, name, email, pin_hash, phone, reference, words, created_at)
    SELECT CAST('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS uuid), reseller, first || ' ' || surname,
           email, decode(md5(n::text), 'hex'), '0121 ' || lpad((n % 10000000)::text, 7, '0'), reference,
           array_to_tsvector(ARRAY[reseller || '/' || lower(first), reseller || '/' || lower(surname),
                                   reseller || '/@' || email, reseller || '/#' || lower(reference)]),
           now() - (n % 100000) * interval '5 minutes'
    FROM (SELECT n, firsts[1 + n / cardinality(surnames) % cardinality(firsts)] AS first,
                 surnames[1 + n % cardinality(surnames)] AS surname, 'customer' || n || '@many.example' AS email,
                 'MANY-' || n AS reference,
                 CASE (n + n / 40000) % 4 WHEN 0 THEN 'acme' WHEN 1 THEN 'acme' WHEN 2 THEN 'borealis'
                 ELSE 'reseller-' || lpad((n / 4 % $5::int)::text, 3, '0') END AS reseller
          FROM generate_series($1::bigint, $2::bigint - 1) AS n,
               (SELECT $3::text[] AS firsts, $4::text[] AS surnames) AS known) AS made"""
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'customer' AND indexname <> 'customer_pkey'"
CHUNK = 250_000


@dataclass(frozen=True)
class SignedIn:
    """An operator, and the cookie of his session."""

    email: str
    token: str


async def load(world: World, customers: int, numbers: int) -> None:
    """So many customers and numbers beside the demo's."""
    await load_blocks(world, max(1, numbers // BLOCK))
    say(f"  {numbers:,} numbers in blocks")
    began = time.perf_counter()
    await add_customers(world.database("customer"), customers)
    say(f"  {customers:,} customers in {time.perf_counter() - began:.0f} s")


async def add_customers(url: str, many: int) -> None:
    """Indexes are made anew when all are there, as they had been kept all the time."""
    db = await asyncpg.connect(url)
    await db.execute("SET maintenance_work_mem = '256MB'")
    await db.execute(_RESELLERS, OTHERS)
    indexes = await db.fetch(_INDEXES)
    for index in indexes:
        await db.execute(f"DROP INDEX {index['indexname']}")
    for first in range(0, many, CHUNK):
        last = min(first + CHUNK, many)
        await db.execute(_CUSTOMERS, first, last, FIRST_NAMES, SURNAMES, OTHERS)
    for index in indexes:
        await db.execute(index["indexdef"])
    await db.execute("VACUUM ANALYZE customer")
    await db.close()


async def sign_in(url: str, many: int) -> list[SignedIn]:
    """So many operators with a session each: from one address the site lets nobody try passwords so often."""
    database = Database(url, "bench")
    found = []
    async with database.transaction() as db:
        for n in range(many):
            one = SignedIn(f"operator{n}@bench.example", secrets.token_urlsafe(32))
            id_, resellers = uuid4(), RESELLERS if n % 2 else (ALL,)
            await people_queries.add(db, id_, one.email, f"Operator {n}", None, ROLES, resellers)
            lasts = timedelta(hours=12)
            await people_queries.begin(db, digest(one.token), id_, secrets.token_bytes(32), lasts, "127.0.0.1", "bench")
            found.append(one)
    await database.close()
    return found
