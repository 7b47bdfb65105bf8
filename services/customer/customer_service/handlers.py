"""Everything that the customer service reacts to."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from customer_service import model, pins, queries, searching
from customer_service.settings import settings
from patchbay_chassis import undone
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import Said
from patchbay_chassis.fresh import Fresh
from patchbay_chassis.router import Router
from patchbay_contracts.order import ExistingCustomer, SealedCustomer
from patchbay_contracts.v1.customer import (
    CustomerReady,
    CustomerRefused,
    CustomerWithdrawn,
    PrepareCustomer,
    WithdrawCustomer,
)

router = Router()
known_resellers = Fresh(queries.resellers)
STEP = "prepare"

Answer = CustomerReady | CustomerRefused


@router.handles(PrepareCustomer)
async def prepare_customer(commands: Sequence[PrepareCustomer], db: Connection) -> list[Answer]:
    resellers = await known_resellers.get(db, (command.reseller for command in commands))
    answers: dict[int, Answer] = {}
    for at, command in enumerate(commands):
        reseller = resellers.get(command.reseller)
        if (barred := model.barred_reseller(command.reseller, reseller, only_told=command.only_told)) is not None:
            answers[at] = model.refusal(command, barred, resellers)
    todo = {at: command for at, command in enumerate(commands) if at not in answers}
    answers |= await _new_ones(todo, resellers, db)
    answers |= await _existing_ones(todo, resellers, db)
    return [answers[at] for at in range(len(commands))]


@router.handles(WithdrawCustomer)
async def withdraw_customer(commands: Sequence[WithdrawCustomer], db: Connection) -> list[CustomerWithdrawn]:
    await undone.forbid(db, STEP, (command.order_id for command in commands))
    await queries.withdraw(db, (model.customer_id(command.order_id) for command in commands))
    return [CustomerWithdrawn(order_id=command.order_id, reseller=command.reseller) for command in commands]


@router.every(timedelta(seconds=5))
async def file_new_words(db: Connection) -> list[Said]:
    await searching.file_new_words(db)
    return []


async def _new_ones(
    todo: Mapping[int, PrepareCustomer], resellers: Mapping[str, model.Reseller], db: Connection
) -> dict[int, Answer]:
    """Create customers; what could not be created was there from this order, or its reference is somebody else's."""
    answers: dict[int, Answer] = {}
    wanted: dict[int, queries.Creation] = {}
    for at, command in todo.items():
        if isinstance(command.customer, SealedCustomer):
            try:
                wanted[at] = _creation(command, command.customer)
            except pins.PinUnreadable:
                answers[at] = model.refusal(command, model.pin_unreadable(), resellers)
    if not wanted:
        return answers
    created = await queries.create(db, list(wanted.values()), STEP)
    old = [creation for creation in wanted.values() if creation.id not in created]
    there = await queries.customers(db, [creation.id for creation in old])
    withdrawn = await undone.forbidden(db, STEP, [creation.order_id for creation in old])
    for at, creation in wanted.items():
        command = todo[at]
        if creation.order_id in withdrawn:
            answers[at] = _withdrawn(command, resellers)
        elif creation.id in created or creation.id in there:
            customer = there.get(creation.id) or _created(creation)
            answers[at] = _ready(command, customer, resellers[command.reseller])
        else:
            answers[at] = model.refusal(command, model.reference_taken(creation.details.reference), resellers)
    return answers


async def _existing_ones(
    todo: Mapping[int, PrepareCustomer], resellers: Mapping[str, model.Reseller], db: Connection
) -> dict[int, Answer]:
    wanted = {at: c.customer.id for at, c in todo.items() if isinstance(c.customer, ExistingCustomer)}
    there = await queries.customers(db, list(wanted.values()))
    withdrawn = await undone.forbidden(db, STEP, [todo[at].order_id for at in wanted])
    answers: dict[int, Answer] = {}
    for at, id_ in wanted.items():
        command = todo[at]
        if command.order_id in withdrawn:
            answers[at] = _withdrawn(command, resellers)
            continue
        barred = model.barred_customer(command.reseller, id_, there.get(id_), only_told=command.only_told)
        if barred is not None:
            answers[at] = model.refusal(command, barred, resellers)
        else:
            answers[at] = _ready(command, there[id_], resellers[command.reseller])
    return answers


def _withdrawn(command: PrepareCustomer, resellers: Mapping[str, model.Reseller]) -> CustomerRefused:
    return model.refusal(command, model.Refused("withdrawn", "", "the order was taken back before", ""), resellers)


def _creation(command: PrepareCustomer, details: SealedCustomer) -> queries.Creation:
    pin = pins.unseal(details.sealed_pin, command.order_id, settings().pin_transport_key.get_secret_value())
    id_ = model.customer_id(command.order_id)
    hashed = pins.keyed_hash(pin, id_, settings().pin_pepper.get_secret_value())
    return queries.Creation(id_, command.order_id, command.reseller, details, hashed)


def _created(creation: queries.Creation) -> model.Customer:
    details = creation.details
    others = model.others(details)
    return model.Customer(creation.id, creation.reseller, details.name, details.email, "active", others)


def _ready(command: PrepareCustomer, customer: model.Customer, reseller: model.Reseller) -> CustomerReady:
    return CustomerReady(
        order_id=command.order_id,
        reseller=command.reseller,
        customer_id=customer.id,
        recipients=model.recipients(command, customer, reseller),
        customer_name=customer.name if command.only_told else "",
        reseller_name=reseller.name if command.only_told else "",
    )
