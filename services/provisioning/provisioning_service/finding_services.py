"""All SQL that finds and shows services: by what they are, by their numbers, and what became of them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection
from patchbay_chassis.problems import invalid_at
from patchbay_contracts.services import (
    CustomersFound,
    History,
    HistoryQuery,
    ListedService,
    NetworkState,
    NumberOfCustomer,
    NumberQuery,
    PastChange,
    PriceListToCome,
    Service,
    ServicePage,
    ServiceQuery,
    Services,
    ServicesQuery,
)

SHOWN_NUMBERS = 5
"""So many of a service's numbers stand in a list."""
LOOKED_THROUGH = 5_000
"""So many numbers are looked at to find customers by a prefix."""
LONGEST = 15
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = UUID(int=2**128 - 1)
END = datetime(9999, 1, 1, tzinfo=UTC)

_IN_FORCE = "CASE WHEN next_from <= current_date THEN next_price_list ELSE price_list END AS price_list"
_LISTED = f"""id, version, reseller, customer_id, order_id, service_type, {_IN_FORCE}, state,
    numbers[1:{SHOWN_NUMBERS}] AS numbers, cardinality(numbers) AS many_numbers, created_at"""
_RESELLERS = "unnest($1::text[]) AS r(reseller)"
_OF_CUSTOMERS = "unnest(${}::uuid[]) AS c(customer)"

# Reseller by reseller, or customer by customer, so that each reads no more of its index than a page.
_PAGE = """
    SELECT s.* FROM {each} CROSS JOIN LATERAL (
        SELECT {listed} FROM service WHERE {of} AND state <> 'planned' {conditions}
        ORDER BY created_at DESC, id DESC LIMIT $4) s
    ORDER BY s.created_at DESC, s.id DESC LIMIT $4"""
# A number with the prefix has 7 to 15 digits: a range for each length. A service stands where its lowest one does.
_PAGE_BY_NUMBER = """
    SELECT s.* FROM {resellers} CROSS JOIN unnest($5::bigint[], $6::bigint[]) AS p(low, high) CROSS JOIN LATERAL (
        SELECT n.e164, {listed} FROM service_number n JOIN service ON service.id = n.service_id
        WHERE n.reseller = r.reseller AND n.e164 BETWEEN p.low AND p.high AND (n.e164, n.service_id) > ($2, $3)
          AND n.e164 = (SELECT min(own) FROM unnest(service.numbers) own WHERE own::text LIKE $7)
          AND state <> 'planned' {conditions}
        ORDER BY n.e164, n.service_id LIMIT $4) s
    ORDER BY s.e164, s.id LIMIT $4"""
_CUSTOMERS = """
    SELECT customer_id, reseller, min(e164) AS e164, sum(count(*)) OVER () AS looked_through FROM (
        SELECT s.* FROM {resellers} CROSS JOIN unnest($2::bigint[], $3::bigint[]) AS p(low, high) CROSS JOIN LATERAL (
            SELECT n.e164, n.reseller, service.customer_id
            FROM service_number n JOIN service ON service.id = n.service_id
            WHERE n.reseller = r.reseller AND n.e164 BETWEEN p.low AND p.high
              AND state IN ('active', 'suspended') AND n.e164 = ANY(service.numbers)
            ORDER BY n.e164 LIMIT $4) s
        ORDER BY s.e164 LIMIT $4) found
    GROUP BY customer_id, reseller ORDER BY min(e164), customer_id"""
_SHOWN = """
    SELECT service.*, c.verb AS change_verb, c.tries AS change_tries, c.reply
    FROM service LEFT JOIN service_change c ON c.order_id = service.changing
    WHERE service.id = ANY($1::uuid[]) AND service.reseller = ANY($2::text[])"""
_ONE = """
    SELECT service.*, NULL AS change_verb, 0 AS change_tries, '' AS reply,
           EXISTS (SELECT FROM saga WHERE saga.id = service.order_id AND open) AS being_made
    FROM service WHERE id = $1 AND reseller = $2"""
_HISTORY = """
    SELECT order_id, kind, outcome, detail, by, why, waived, before, after, asked_at, ended_at FROM service_change
    WHERE service_id = $1 AND reseller = ANY($2::text[]) AND (asked_at, order_id) < ($3, $4)
    ORDER BY asked_at DESC, order_id DESC LIMIT $5"""


def ranges(prefix: str) -> tuple[list[int], list[int]]:
    """The lowest and the highest number of each length that begins so."""
    digits = prefix.removeprefix("+")
    more = range(max(0, 7 - len(digits)), LONGEST - len(digits) + 1)
    return [int(digits) * 10**n for n in more], [(int(digits) + 1) * 10**n - 1 for n in more]


async def page(db: Connection, query: ServiceQuery) -> ServicePage:
    """The services that are asked for. Raises Problem 422 for a cursor that is none of ours."""
    by_number = query.number is not None
    values: list[Any] = [list(query.resellers), *_position(query.after, by_number), query.count + 1]
    if query.number is not None:
        values += [*ranges(query.number), f"{query.number.removeprefix('+')}%"]
    conditions = "" if by_number else "AND (created_at, id) < ($2, $3)"
    for condition, value in (
        ("customer_id = ${}", query.customer_id),
        ("order_id = ${}", query.order_id),
        ("service_type = ${}", query.service_type),
        ("state = ${}", query.state),
        ("created_at >= ${}", query.created_from),
        ("created_at < ${}", query.created_before),
    ):
        if value is not None:
            values.append(value)
            conditions += f" AND {condition.format(len(values))}"
    if query.state not in (None, "planned", "active"):
        conditions += " AND state NOT IN ('planned', 'active')"  # what the index of the few says, in its words
    each, of = _RESELLERS, "service.reseller = r.reseller"
    if query.customers is not None:
        values.append(list(query.customers))
        if by_number:
            conditions += f" AND customer_id = ANY(${len(values)}::uuid[])"
        else:
            each = _OF_CUSTOMERS.format(len(values))
            of = "service.customer_id = c.customer AND service.reseller = ANY($1::text[])"
    listed = _LISTED.replace("reseller,", "service.reseller,", 1)
    statement = (_PAGE_BY_NUMBER if by_number else _PAGE).format(
        resellers=_RESELLERS, each=each, of=of, listed=listed, conditions=conditions
    )
    rows = await db.fetch(statement, *values)
    last = rows[query.count - 1] if len(rows) > query.count else None
    return ServicePage(services=tuple(_listed(row) for row in rows[: query.count]), next=_cursor(last, by_number))


async def shown(db: Connection, query: ServicesQuery) -> Services:
    """All about those services that there are."""
    rows = {row.id: row for row in await db.fetch(_SHOWN, list(query.ids), list(query.resellers))}
    today = datetime.now(UTC).date()
    return Services(services=tuple(service(rows[id_], today) for id_ in dict.fromkeys(query.ids) if id_ in rows))


def service(row: Any, today: date) -> Service:
    """A service as its row has it; a price list whose date has come is in force."""
    settings, to_come = orjson.loads(row.settings), row.next_from is not None and row.next_from > today
    planned = PriceListToCome(price_list=row.next_price_list, from_date=row.next_from) if to_come else None
    changing = row.get("change_verb") is not None
    return Service(
        id=row.id,
        version=row.version,
        reseller=row.reseller,
        customer_id=row.customer_id,
        order_id=row.order_id,
        line=row.line,
        service_type=row.service_type,
        type_version=row.type_version,
        price_list=row.price_list if planned or row.next_from is None else row.next_price_list,
        price_list_to_come=planned,
        state=row.state,
        numbers=tuple(row.numbers),
        settings=settings["settings"],
        settings_by_number=settings["settings_by_number"],
        changing=row.changing,
        network=NetworkState(to_do=row["change_verb"], tries=row.change_tries, detail=row.reply)
        if changing
        else NetworkState(to_do=row.verb, tries=row.tries if row.verb else 0, detail=row.detail),
        created_at=row.created_at,
        taken_in=row.taken_in,
    )


async def one(db: Connection, id_: UUID, reseller: str) -> Any | None:
    """The row of a service of that reseller, and whether the order that makes it is still under way."""
    return await db.fetchrow(_ONE, id_, reseller)


async def history(db: Connection, query: HistoryQuery) -> History:
    """The changes of a service. Raises Problem 422 for a cursor that is none of ours."""
    at, id_ = _position(query.after, by_number=False)
    rows = await db.fetch(_HISTORY, query.service_id, list(query.resellers), at, id_, query.count + 1)
    last = rows[query.count - 1] if len(rows) > query.count else None
    return History(
        changes=tuple(_past(row) for row in rows[: query.count]),
        next=None if last is None else _written(_micros(last.asked_at), last.order_id),
    )


def _past(row: Any) -> PastChange:
    aspects = {name: orjson.loads(row[name]) for name in ("before", "after")}
    return PastChange.model_validate(dict(row) | aspects | {"waived": orjson.loads(row.waived or "[]")})


async def customers_by_number(db: Connection, query: NumberQuery) -> CustomersFound:
    """The customers that have such a number in service."""
    statement = _CUSTOMERS.format(resellers=_RESELLERS)
    rows = await db.fetch(statement, list(query.resellers), *ranges(query.number), LOOKED_THROUGH)
    found = tuple(
        NumberOfCustomer(customer_id=row.customer_id, reseller=row.reseller, e164=row.e164)
        for row in rows[: query.count]
    )
    return CustomersFound(
        customers=found, more=len(rows) > query.count or bool(rows and rows[0].looked_through >= LOOKED_THROUGH)
    )


def _listed(row: Any) -> ListedService:
    return ListedService.model_validate({name: row[name] for name in ListedService.model_fields})


def _cursor(row: Any | None, by_number: bool) -> str | None:
    if row is None:
        return None
    return _written(row.e164 if by_number else _micros(row.created_at), row.id)


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _written(at: int, id_: UUID) -> str:
    return urlsafe_b64encode(at.to_bytes(8, "big") + id_.bytes).decode().rstrip("=")


def _position(after: str | None, by_number: bool) -> tuple[int | datetime, UUID]:
    """What the next page comes after."""
    if after is None:
        return (0, UUID(int=0)) if by_number else (END, LAST)
    try:
        raw = urlsafe_b64decode(after + "=" * (-len(after) % 4))
        at, id_ = int.from_bytes(raw[:8], "big"), UUID(bytes=raw[8:])
        return (at, id_) if by_number else (EPOCH + timedelta(microseconds=at), id_)
    except (ValueError, OverflowError):
        raise invalid_at("/after", "not a cursor of ours", "take it from `next`") from None
