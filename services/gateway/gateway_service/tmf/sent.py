"""What clients send, as far as Patchbay reads or describes it. All else is kept, and comes back as it was sent."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import orjson
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StrictBool,
    ValidationError,
    model_validator,
)

from gateway_service.tmf.errors import bad
from gateway_service.tmf.order_states import State
from gateway_service.tmf.texts import Id, String, as_text, as_whole
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.order import MOST_LINES
from patchbay_contracts.words import Text

ITEMS = ("serviceOrderItem", "orderItem")
"""The items of an order, as the standard calls them and as it once did."""
MOST_DEPTH = 40
VALUES = {
    "string_too_short",
    "string_too_long",
    "string_pattern_mismatch",
    "too_long",
    "less_than_equal",
    "greater_than_equal",
    "value_error",
}
"""Faults of what is of the right type (pydantic's names for them)."""
M = TypeVar("M", bound=BaseModel)


Objects = tuple[dict[str, Any], ...]
Action = Literal["add", "modify", "delete", "noChange"]


class Open(BaseModel):
    """The standard lets everybody add attributes."""

    model_config = ConfigDict(extra="allow", frozen=True)
    texts: ClassVar[frozenset[str]] = frozenset({"id", "externalId", "priority"})
    """Which of its texts older clients write as numbers."""

    @model_validator(mode="before")
    @classmethod
    def _null_says_nothing(cls, found: Any) -> Any:
        return _without_nulls(found, cls) if isinstance(found, dict) else found

    @classmethod
    @cache
    def names(cls) -> frozenset[str]:
        """What it knows, as it stands in a document."""
        aliases = [(name, field.validation_alias) for name, field in cls.model_fields.items()]
        return frozenset(
            str(one)
            for name, alias in aliases
            for one in (alias.choices if isinstance(alias, AliasChoices) else (alias or name,))
        )


class Said(Open):
    """What the standard lets be said of anything."""

    description: str | None = None
    category: str | None = None
    notes: Objects = Field(default=(), alias="note")
    type_: str | None = Field(default=None, alias="@type")
    base_type: str | None = Field(default=None, alias="@baseType")
    schema_location: str | None = Field(default=None, alias="@schemaLocation")


class Characteristic(Open):
    """A name and a value. Older clients wrap the value in an object."""

    name: Text
    value: JsonValue = None

    @property
    def plain(self) -> JsonValue:
        """The value without its wrapping."""
        value = self.value
        if isinstance(value, dict) and "value" in value and all(k == "value" or k.startswith("@") for k in value):
            return value["value"]
        return value


class Ref(Open):
    """Something that is named by its id."""

    id: Id | None = None
    name: Text | None = None


class Resource(Ref):
    """A number, by its id: `+441214960000`. Some give it as value or name."""

    value: JsonValue = None


class Party(Ref):
    """Somebody who has to do with the order. A customer without an id is a new one, with these details."""

    role: str | None = None
    email: str | None = None
    pin: SecretStr | None = None
    phone: str | None = None
    reference: str | None = None
    address: JsonValue = None


class Service(Said, Ref):
    """A service as it shall be, or which one is meant."""

    state: str | None = None
    service_type: str | None = Field(default=None, alias="serviceType")
    date: str | None = Field(default=None, alias="serviceDate")
    start: str | None = Field(default=None, alias="startDate")
    end: str | None = Field(default=None, alias="endDate")
    has_started: StrictBool | None = Field(default=None, alias="hasStarted")
    enabled: StrictBool | None = Field(default=None, alias="isServiceEnabled")
    specification: Ref | None = Field(default=None, alias="serviceSpecification")
    characteristics: tuple[Characteristic, ...] = Field(
        default=(), max_length=500, validation_alias=AliasChoices("serviceCharacteristic", "characteristic")
    )
    resources: tuple[Resource, ...] = Field(default=(), max_length=1_000, alias="supportingResource")
    services: tuple[Ref, ...] = Field(default=(), max_length=1_000, alias="supportingService")
    parties: tuple[Party, ...] = Field(default=(), max_length=100, alias="relatedParty")

    def customers(self) -> list[Party]:
        """Those of its parties who are its customer."""
        return [party for party in self.parties if (party.role or "").lower() == "customer"]


class Item(Open):
    """One item of an order."""

    id: Id
    action: Action
    quantity: Annotated[int, BeforeValidator(as_whole), Field(strict=True, ge=1, le=MOST_LINES)] = 1
    state: State | None = None
    service: Service


class About(Said):
    """An order without its items: what can be patched of it, and what only Patchbay says."""

    external_id: Id | None = Field(default=None, alias="externalId")
    description: Annotated[str, Field(max_length=20_000)] | None = None
    priority: String | None = None
    parties: tuple[Party, ...] = Field(default=(), max_length=100, alias="relatedParty")
    ordered: str | None = Field(default=None, alias="orderDate")
    start_by: str | None = Field(default=None, alias="requestedStartDate")
    complete_by: str | None = Field(default=None, alias="requestedCompletionDate")
    expected: str | None = Field(default=None, alias="expectedCompletionDate")
    started: str | None = Field(default=None, alias="startDate")
    completed: str | None = Field(default=None, alias="completionDate")
    cancelled: str | None = Field(default=None, alias="cancellationDate")
    why_cancelled: str | None = Field(default=None, alias="cancellationReason")
    contact: str | None = Field(default=None, alias="notificationContact")
    references: Objects = Field(default=(), alias="externalReference")
    relationships: Objects = Field(default=(), alias="orderRelationship")


def _ids_once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    ids = [item.id for item in items]
    if len(set(ids)) < len(ids):
        raise FieldFault("two items have the same id: give each an id of its own", repeated(ids), "id")
    return items


class Order(About):
    """An order. Its items stand under one of two names."""

    items: Annotated[tuple[Item, ...], AfterValidator(_ids_once)] = Field(
        max_length=MOST_LINES, validation_alias=AliasChoices(*ITEMS)
    )

    def customers(self) -> list[Party]:
        """Those of its parties, and of its services', who are its customer."""
        own = [party for party in self.parties if (party.role or "").lower() == "customer"]
        return own + [party for item in self.items for party in item.service.customers()]


class Number(Said):
    """A number, as a resource of the inventory."""

    texts: ClassVar[frozenset[str]] = frozenset({"value"})
    name: str | None = None
    value: String | None = None
    specification: Ref | None = Field(default=None, alias="resourceSpecification")
    status: str | None = Field(default=None, alias="resourceStatus")
    administrative: str | None = Field(default=None, alias="administrativeState")
    operational: str | None = Field(default=None, alias="operationalState")
    usage: str | None = Field(default=None, alias="usageState")
    characteristics: Objects = Field(default=(), alias="resourceCharacteristic")
    start: str | None = Field(default=None, alias="startOperatingDate")
    end: str | None = Field(default=None, alias="endOperatingDate")


class CancelledOrder(Ref):
    """Which one."""

    href: str | None = None


class Cancel(Open):
    """That an order shall be cancelled."""

    order: CancelledOrder = Field(alias="serviceOrder")
    reason: str | None = Field(default=None, alias="cancellationReason")
    wanted: str | None = Field(default=None, alias="requestedCancellationDate")


class Hub(Open):
    """Somebody who wants to be told."""

    callback: str
    query: str | None = None


def document(body: bytes) -> dict[str, Any]:
    """A JSON object, as it was sent. Raises Problem 400."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Problem(400, "Not as the standard has it", "Send one JSON object in UTF-8.")
    if _depth(found) > MOST_DEPTH:
        raise Problem(400, "Not as the standard has it", f"It is nested deeper than {MOST_DEPTH} levels: send less.")
    return found


def _depth(value: Any) -> int:
    depth, inner = 0, [value]
    while inner and depth <= MOST_DEPTH:
        depth += 1
        inner = [
            v for one in inner if isinstance(one, dict | list) for v in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


def order(found: dict[str, Any]) -> Order:
    """The order in a document. Raises Problem 400 and 422 with each fault and its place."""
    both = [name for name in ITEMS if name in found]
    if len(both) > 1:
        detail = "The items stand under serviceOrderItem and under orderItem: use one of the two."
        raise Problem(400, "Not as the standard has it", detail)
    if both and found[both[0]] == []:  # pydantic's min_length finds too few also where one of them is wrong
        raise bad(f"/{both[0]}", "there are no items", "add one at least")
    return read(Order, found)


def read(model: type[M], found: Mapping[str, Any], where: str = "") -> M:
    """What a document says, which stands at `where`. Raises Problem with each fault and its place: 400 if an attribute
    is of another type or missing, 422 if it is well formed and cannot be."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        wrong = [fault | {"pointer": where + fault["pointer"]} for fault in faults(error)]
        if all(fault["type"] in VALUES for fault in error.errors(include_url=False, include_input=False)):
            raise Problem(422, "That cannot be done", errors=wrong) from None
        raise Problem(400, "Not as the standard has it", errors=wrong) from None


def items_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items of an order's document, whatever they are called there."""
    return next((found[name] for name in ITEMS if name in found), [])


def _without_nulls(found: Mapping[str, Any], model: type[Open]) -> dict[str, Any]:
    known = model.names()
    return {name: value for name, value in found.items() if value is not None or name not in known}


def plain(found: Mapping[str, Any], model: type[Open]) -> dict[str, Any]:
    """A document without what is null where the standard has an attribute, and with texts for numbers that stand for
    one."""
    kept = _without_nulls(found, model)
    return kept | {name: as_text(kept[name]) for name in model.texts & model.names() & kept.keys()}
