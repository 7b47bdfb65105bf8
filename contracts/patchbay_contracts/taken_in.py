"""Services and numbers that exist elsewhere, taken into the inventory. Answered by provisioning and numbers over HTTP.

Patchbay keeps record of them and does nothing about them: no network, no charge. And what lists with places and totals
ask of the owners.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_NUMBERS
from patchbay_contracts.services import Asking, Service, ServiceState
from patchbay_contracts.words import E164, Grade, Pool, Reseller, Settings, Slug, Text

MOST_PART = 1_000
MOST_OFFSET = 2_000_000
MOST_TAKEN_IN = 10_000
MOST_DESCRIBED = 10_000
"""So many things of which clients say themselves how they are are looked through in a list."""
NOBODY = UUID(int=0)
"""The customer of a service that was taken in without one."""
RecordedState = Literal["active", "suspended", "ended"]
Numbers = Annotated[tuple[E164, ...], Field(max_length=MOST_NUMBERS)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=MOST_PART)]
ManyIds = Annotated[tuple[UUID, ...], Field(max_length=MOST_DESCRIBED)]
ManyNumbers = Annotated[tuple[E164, ...], Field(max_length=MOST_DESCRIBED)]


class TakeInService(Asking):
    """`POST /services/taken-in`: keep record of a service; the same again changes nothing. Answer: the `Service`."""

    reseller: Reseller
    id: UUID
    customer_id: UUID = NOBODY
    service_type: Slug
    state: RecordedState
    numbers: Numbers = ()
    settings: Settings = Field(default_factory=dict)


class ChangeRecord(Asking):
    """`POST /services/taken-in/change`: how it is now; what is left out stays. Answer: the `Service`. One that Patchbay
    carries out itself is refused: 422, pointer `/id`; one that is not there as well."""

    reseller: Reseller
    id: UUID
    customer_id: UUID | None = None
    state: RecordedState | None = None
    numbers: Numbers | None = None
    settings: Settings | None = None


class ForgetService(Asking):
    """`POST /services/taken-in/forget`: it is gone. Refused (409) while it is active, and (422) as above."""

    reseller: Reseller
    id: UUID


class ServicePart(Asking):
    """`POST /services/part`: some of the services of a reseller, the newest first. Everything that is given has to be
    true of a service; of several values one. `but_not` are left out, and `also` are there whatever else is given."""

    reseller: Reseller
    ids: Ids | None = None
    customer_ids: Ids | None = None
    order_ids: Ids | None = None
    service_types: Annotated[tuple[Slug, ...], Field(max_length=MOST_PART)] | None = None
    states: tuple[ServiceState, ...] | None = None
    numbers: Annotated[tuple[E164, ...], Field(max_length=MOST_PART)] | None = None
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    but_not: ManyIds = ()
    also: ManyIds = ()
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET)
    count: int = Field(default=100, ge=0, le=MOST_PART)


class ServicesInPart(Frozen):
    """Services, and how many there are like that."""

    services: tuple[Service, ...] = ()
    total: int


class NumberPart(Asking):
    """`POST /services/numbers`: some of the numbers in a reseller's services, those of the newest service first; not
    those of services that were taken in. The rest is as of services."""

    reseller: Reseller
    numbers: Annotated[tuple[E164, ...], Field(max_length=MOST_PART)] | None = None
    service_ids: Ids | None = None
    states: tuple[ServiceState, ...] | None = None
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    but_not: ManyNumbers = ()
    also: ManyNumbers = ()
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET)
    count: int = Field(default=100, ge=0, le=MOST_PART)


class NumberInService(Frozen):
    """A number, and the service that has it."""

    e164: E164
    service_id: UUID
    service_state: ServiceState
    since: AwareDatetime


class NumbersInPart(Frozen):
    """Numbers, and how many there are."""

    numbers: tuple[NumberInService, ...] = ()
    total: int


class Done(Frozen):
    """It is done."""


class TakeInNumber(Asking):
    """`POST /numbers/taken-in`: keep record of a number that is in no block of the house, and in service elsewhere; the
    same again changes nothing. Refused: 409 for one of the house, or that is somebody's already. Answer: `TakenIn`."""

    reseller: Reseller
    id: UUID
    e164: E164


class ForgetNumber(Asking):
    """`POST /numbers/taken-in/forget`: it is gone. Refused (422, pointer `/e164`): it was not taken in."""

    reseller: Reseller
    e164: E164


class TakenInQuery(Asking):
    """`POST /numbers/taken-in/list`: those of a reseller, the newest first."""

    reseller: Reseller


class TakenIn(Frozen):
    """A number that was taken in, and when."""

    e164: E164
    since: AwareDatetime


class AllTakenIn(Frozen):
    """Up to 10,000 of them, and how many there are."""

    numbers: tuple[TakenIn, ...] = ()
    total: int


class NumbersGet(Asking):
    """`POST /numbers/get`: what is known of these numbers, as far as the reseller may know of them: those that are its
    own, and those that are free and it may draw."""

    reseller: Reseller
    numbers: Annotated[tuple[E164, ...], Field(min_length=1, max_length=MOST_PART)]


class NumberKnown(Frozen):
    """A number. What was taken in is in no block, so it has no area, grade and pool."""

    e164: E164
    state: Literal["free", "held", "assigned", "quarantined"]
    taken_in: bool = False
    until: AwareDatetime | None = None
    national: str | None = None
    area: str | None = None
    grade: Grade | None = None
    rule: Text | None = None
    pool: Pool | None = None


class NumbersKnown(Frozen):
    """In the order in which they were asked for."""

    numbers: tuple[NumberKnown, ...] = ()
