"""What clients send, as far as Patchbay reads it. All else is kept, and comes back as it was sent."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self, TypeVar

import orjson
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    model_validator,
)

from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.order import MOST_LINES
from patchbay_contracts.words import Text

ITEMS = ("serviceOrderItem", "orderItem")
"""The items of an order, as the standard calls them and as it once did."""
MOST_DEPTH = 40
M = TypeVar("M", bound=BaseModel)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[Text, BeforeValidator(_as_text)]
Action = Literal["add", "modify", "delete", "noChange"]


class Open(BaseModel):
    """The standard lets everybody add attributes."""

    model_config = ConfigDict(extra="allow", frozen=True)


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


class Service(Ref):
    """A service as it shall be, or which one is meant."""

    state: str | None = None
    specification: Ref | None = Field(default=None, alias="serviceSpecification")
    characteristics: tuple[Characteristic, ...] = Field(
        default=(), max_length=500, validation_alias=AliasChoices("serviceCharacteristic", "characteristic")
    )
    resources: tuple[Resource, ...] = Field(default=(), max_length=1_000, alias="supportingResource")
    parties: tuple[Party, ...] = Field(default=(), max_length=100, alias="relatedParty")

    def customers(self) -> list[Party]:
        """Those of its parties who are its customer."""
        return [party for party in self.parties if (party.role or "").lower() == "customer"]


class Item(Open):
    """One item of an order."""

    id: Id
    action: Action
    quantity: Annotated[int, Field(ge=1, le=MOST_LINES)] = 1
    service: Service


class Order(Open):
    """An order. Its items stand under one of two names."""

    external_id: Id | None = Field(default=None, alias="externalId")
    description: Annotated[str, Field(max_length=20_000)] | None = None
    category: str | None = None
    priority: Annotated[str, BeforeValidator(_as_text)] | None = None
    parties: tuple[Party, ...] = Field(default=(), max_length=100, alias="relatedParty")
    items: tuple[Item, ...] = Field(min_length=1, max_length=MOST_LINES, validation_alias=AliasChoices(*ITEMS))

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        if len({item.id for item in self.items}) < len(self.items):
            raise ValueError("two items have the same id: give each an id of its own")
        return self

    def customers(self) -> list[Party]:
        """Those of its parties, and of its services', who are its customer."""
        own = [party for party in self.parties if (party.role or "").lower() == "customer"]
        return own + [party for item in self.items for party in item.service.customers()]


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
    """The order in a document. Raises Problem 400 with each fault and its place."""
    both = [name for name in ITEMS if name in found]
    if len(both) > 1:
        detail = "The items stand under serviceOrderItem and under orderItem: use one of the two."
        raise Problem(400, "Not as the standard has it", detail)
    return read(Order, found)


def read(model: type[M], found: dict[str, Any]) -> M:
    """What a document says. Raises Problem 400."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise Problem(400, "Not as the standard has it", errors=faults(error)) from None


def items_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of an order's document, whatever they are called there."""
    return next((found[name] for name in ITEMS if name in found), [])


def without_secrets(found: dict[str, Any]) -> dict[str, Any]:
    """The document as it may be stored and shown: without anybody's PIN."""
    kept = orjson.loads(orjson.dumps(found))
    for party in _parties(kept):
        party.pop("pin", None)
    return dict(kept)


def _parties(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for holder in (found, *(item["service"] for item in items_of(found) if isinstance(item.get("service"), dict))):
        for party in holder.get("relatedParty") or ():
            if isinstance(party, dict):
                yield party
