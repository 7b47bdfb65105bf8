"""Amending an order that waits for numbers: asked here, made by provisioning between two tries, told by the order."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway_service import amend_queries, queries, refusals, views
from gateway_service.accepting import WITHOUT_PIN, waits_until
from gateway_service.amend_queries import Amendment
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.order import MOST_LINES, Numbers, OrderDocument
from patchbay_contracts.times import WrittenTimeOrDay
from patchbay_contracts.v1.provisioning import AmendOrder
from patchbay_contracts.words import OrganisationKind

NO_PIN = "0000"
"""In the place of the PIN of a new customer, which is not kept here: the rules of documents want one."""


class AmendedLine(BaseModel):
    """What a line, by its place from 0, is to want. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    line: Annotated[int, Field(ge=0, lt=MOST_LINES)]
    numbers: Numbers | None = None
    optional: bool | None = None


class Amend(BaseModel):
    """What an order that waits for numbers is to become. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    until: WrittenTimeOrDay | None = None
    lines: Annotated[tuple[AmendedLine, ...], Field(max_length=MOST_LINES)] = ()
    notify: tuple[OrganisationKind, ...] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.until is None and not self.lines and self.notify is None:
            raise ValueError("nothing is to be amended: give until, lines or notify")
        lines = [one.line for one in self.lines]
        if len(set(lines)) < len(lines):
            message = "a line stands twice: say once what it is to want"
            raise FieldFault(message, "lines", repeated(lines), "line")
        return self


async def amend(
    running: Running, reseller: str, id_: UUID, wanted: Amend, seen: str, *, made: UUID, by: str, trace: str = ""
) -> None:
    """Ask for it once, however often it comes under the id `made`. Raises Problem 404; 409 for an order that does not
    wait for numbers, or is being amended; 412 for one that is not as it was `seen`; 422 for what it cannot become."""
    now = datetime.now(UTC)
    async with running.turn() as turn:
        await amend_queries.lock(turn.db, reseller, id_)
        row = await queries.order(turn.db, reseller, id_)
        if row is None:
            detail = f"You have no order {id_}. Its id is in the answer that accepted it."
            raise Problem(404, "No such order", detail, code="no_such_order")
        if await amend_queries.known(turn.db, reseller, id_, made):
            return
        _check(row, seen)
        document = _amended(row, wanted)
        until = None if wanted.until is None else _until(row, wanted.until, now)
        wish = AmendOrder(
            order_id=id_,
            reseller=reseller,
            id=made,
            by=by,
            asked_at=now,
            until=until,
            lines=document.lines if wanted.lines else (),
            notify=wanted.notify,
        )
        written = document.__pydantic_serializer__.to_json(document, exclude=WITHOUT_PIN).decode()
        shown = wanted.model_dump_json(exclude_unset=True)
        await amend_queries.ask(turn.db, Amendment(reseller, id_, made, by, now, shown, written))
        turn.say(wish, trace=trace)


def _check(row: Any, seen: str) -> None:
    if row.state != "back_ordered":
        ways = {
            "waiting": "Cancel it, and order again: nothing is held for it.",
            "completed": "Change its services: POST /v1/services/{id}/changes.",
            "failed": "Order again: nothing is left of it.",
        }
        way = ways.get(row.state, "Wait for its end, or cancel it: POST /v1/orders/{id}/cancel.")
        detail = f"Order {row.id} does not wait for numbers: it is {row.state}. {way}"
        raise Problem(409, "The order does not wait for numbers", detail, code="order_not_back_ordered")
    views.check_seen(views.tag(views.whole(row)), seen)
    if row.amend_state == "asked":
        detail = "Another amendment of the order is under way. Read the order in a moment, then try with its ETag."
        raise Problem(
            409, "The order is being amended", detail, headers={"Retry-After": "1"}, code="order_being_amended"
        )


def _amended(row: Any, wanted: Amend) -> OrderDocument:
    """The document as it is to be. Raises Problem 422."""
    document = orjson.loads(row.document)
    if document["customer"]["kind"] == "new":
        document["customer"]["pin"] = NO_PIN
    changes = wanted.model_dump(mode="json", exclude_unset=True)
    for at, one in enumerate(changes.pop("lines", ())):
        if one["line"] >= len(document["lines"]):
            has = f"the order has {len(document['lines'])} lines, counted from 0"
            raise _invalid({"pointer": f"/lines/{at}/line", "message": has, "remedy": "name one of them"})
        document["lines"][one.pop("line")] |= one
    document |= {field: value for field, value in changes.items() if value is not None}
    try:
        return OrderDocument.model_validate_json(orjson.dumps(document))
    except ValidationError as error:
        raise _as_asked(refusals.invalid(error), wanted) from None


def _as_asked(problem: Problem, wanted: Amend) -> Problem:
    """What is wrong with the order, where that stands in what is asked."""
    places = {str(one.line): at for at, one in enumerate(wanted.lines)}
    for fault in problem.body["errors"]:
        _, *path = fault["pointer"].split("/")
        if path[:1] == ["lines"] and path[1:]:
            line, *inside = path[1:]
            fault["pointer"] = "/".join(["/lines", str(places[line]), *inside]) if line in places else "/lines"
    return problem


def _until(row: Any, until: datetime | date, now: datetime) -> datetime:
    return waits_until(until, row.starts_at or row.accepted_at, now)


def _invalid(fault: dict[str, str]) -> Problem:
    return Problem(422, "The order is not valid", "Nothing was changed.", [fault], code="invalid_order")
