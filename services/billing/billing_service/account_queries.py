"""The SQL of accounts and charges, for those who look after customers."""

from collections.abc import Sequence
from uuid import UUID

from billing_service.list_queries import audit
from billing_service.queries import accounts_standing
from patchbay_chassis.database import Connection, Row, affected
from patchbay_chassis.problems import Problem
from patchbay_contracts.accounts import (
    Account,
    AccountChange,
    AccountChanging,
    BlockQuery,
    ChargesQuery,
    LimitQuery,
    ServiceChargesQuery,
)
from patchbay_contracts.price_lists import Scope
from patchbay_contracts.words import Money

_OF = """
    (SELECT order_id FROM charge WHERE position = 0 AND ($1::uuid IS NOT NULL AND customer_id = $1)
     UNION ALL SELECT $2::uuid WHERE $2::uuid IS NOT NULL) AS mine JOIN charge c USING (order_id)
    WHERE c.state = ANY($3::text[]) AND ($4::text[] IS NULL OR c.reseller = ANY($4::text[]))"""
_CHARGES = f"""
    SELECT c.* FROM {_OF} AND ($5::uuid IS NULL OR (c.order_id, -c.position) < ($5, -$6::int))
    ORDER BY c.order_id DESC, c.position LIMIT $7"""
_SUMS = f"""
    SELECT c.state = 'active' AND c.starts_at <= now() AS begun, c.currency, sum(c.quantity * c.setup) AS setup,
           sum(c.quantity * c.monthly) AS monthly
    FROM {_OF} AND c.state <> 'void' GROUP BY 1, 2 ORDER BY 2"""
# What a service was ordered with stands in the rows of its line, shared with the services beside it. Its numbers are
# those that it has, or that its changes name.
_OF_SERVICE = """
    WITH changed AS (
        SELECT * FROM charge
        WHERE service_id = $1 AND state <> 'void' AND ($5::text[] IS NULL OR reseller = ANY($5::text[]))
    ), known AS (
        SELECT unnest($4::bigint[]) AS number UNION SELECT unnest(numbers) FROM changed
    )
    SELECT order_id, position, service_type, grade, numbers, quantity, setup, monthly, currency, state, starts_at,
           price_list, version
    FROM changed
    UNION ALL
    SELECT order_id, position, service_type, grade, ARRAY(SELECT unnest(numbers) INTERSECT SELECT number FROM known),
           quantity, setup, monthly, currency, state, starts_at, price_list, version
    FROM charge
    WHERE order_id = $2 AND line = $3 AND service_id IS NULL AND state <> 'void' AND quantity > 0
      AND ($5::text[] IS NULL OR reseller = ANY($5::text[]))
    ORDER BY order_id, position"""
_ACCOUNT = """
    SELECT * FROM account WHERE customer_id = $1 AND ($2::text[] IS NULL OR reseller = ANY($2::text[]))"""
_CHANGES = "SELECT at, by, action, why FROM audit WHERE subject = $1 ORDER BY id DESC LIMIT 100"
_LOCK = f"{_ACCOUNT} FOR UPDATE"
_CHANGED_AT = f"""
    SELECT greatest(opened_at, (SELECT max(at) FROM audit WHERE subject = $3)) FROM ({_ACCOUNT}) a"""
_OPEN = "INSERT INTO account (customer_id, reseller) VALUES ($1, $2) ON CONFLICT (customer_id) DO NOTHING"
_STATE = """
    UPDATE account SET state = $3
    WHERE customer_id = $1 AND ($2::text[] IS NULL OR reseller = ANY($2::text[])) AND state <> $3"""
_LIMIT = """
    UPDATE account SET credit_limit = $3, credit_currency = $4
    WHERE customer_id = $1 AND ($2::text[] IS NULL OR reseller = ANY($2::text[]))
      AND (credit_limit, credit_currency) IS DISTINCT FROM ($3::numeric, $4::text)"""


def _scope(scope: Scope) -> list[str] | None:
    return None if scope is None else list(scope)


async def charges(db: Connection, asked: ChargesQuery, after: tuple[UUID, int] | None) -> Sequence[Row]:
    """One more than a page of what is asked for, the newest order first."""
    order_id, position = after or (None, None)
    of = (asked.customer_id, asked.order_id, list(asked.states), _scope(asked.resellers))
    return await db.fetch(_CHARGES, *of, order_id, position, asked.count + 1)


async def sums(db: Connection, asked: ChargesQuery) -> Sequence[Row]:
    """Set-up and monthly by currency, of what has begun and of what is to come."""
    return await db.fetch(_SUMS, asked.customer_id, asked.order_id, list(asked.states), _scope(asked.resellers))


async def of_service(db: Connection, asked: ServiceChargesQuery) -> Sequence[Row]:
    """The rows of the ledger that are about a service."""
    known = (asked.service_id, asked.order_id, asked.line, list(asked.numbers))
    return await db.fetch(_OF_SERVICE, *known, _scope(asked.resellers))


async def account(db: Connection, customer_id: UUID, scope: Scope) -> Account | None:
    """The account, if it is one of these resellers'."""
    row = await db.fetchrow(_ACCOUNT, customer_id, _scope(scope))
    if row is None:
        return None
    credit = (await accounts_standing(db, [(customer_id, row.reseller)]))[customer_id, row.reseller].credit
    mine = credit.get(customer_id)
    return Account(
        customer_id=row.customer_id,
        reseller=row.reseller,
        state=row.state,
        opened_at=row.opened_at,
        limit=None if mine is None else Money(amount=mine.limit, currency=mine.currency),
        used=None if mine is None else Money(amount=mine.most_used, currency=mine.currency),
        changes=tuple(
            AccountChange(at=one.at, by=one.by, action=one.action, why=one.why)
            for one in await db.fetch(_CHANGES, _subject(customer_id))
        ),
    )


async def open_account(db: Connection, customer_id: UUID, scope: Scope) -> None:
    """Before anything is ordered, where one reseller is meant: who asks knows that the customer is that one's."""
    if scope is not None and len(scope) == 1:
        await db.execute(_OPEN, customer_id, scope[0])


async def check_seen(db: Connection, asked: AccountChanging) -> None:
    """Raises Problem 412 where it was changed since it was read; until the transaction's end nobody else changes it."""
    if asked.changed_at is None:
        return
    await db.execute(_LOCK, asked.customer_id, _scope(asked.resellers))
    changed_at = await db.fetchval(_CHANGED_AT, asked.customer_id, _scope(asked.resellers), _subject(asked.customer_id))
    if changed_at not in (None, asked.changed_at):
        detail = "It was changed since you read it, and is left as it is. Read it, then try with its ETag."
        raise Problem(412, "It is another one now", detail)


async def become(db: Connection, asked: BlockQuery, state: str) -> None:
    """Block or unblock the account; one that is so already is left alone."""
    if affected(await db.execute(_STATE, asked.customer_id, _scope(asked.resellers), state)):
        action = "blocked" if state == "blocked" else "unblocked"
        await audit(db, asked.by, _subject(asked.customer_id), action, asked.why)


async def limit(db: Connection, asked: LimitQuery) -> None:
    """Limit the account's credit, or lift the limit."""
    amount, currency = (asked.limit.amount, asked.limit.currency) if asked.limit else (None, None)
    if affected(await db.execute(_LIMIT, asked.customer_id, _scope(asked.resellers), amount, currency)):
        action = (
            f"limited to {abs(asked.limit.amount).normalize():f} {currency} a month" if asked.limit else "limit lifted"
        )
        await audit(db, asked.by, _subject(asked.customer_id), action, asked.why)


def _subject(customer_id: UUID) -> str:
    return f"account {customer_id}"
