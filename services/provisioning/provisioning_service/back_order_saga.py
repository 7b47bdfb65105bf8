"""The saga of an order that waits for numbers: numbers first and alone, so that it holds nothing while it waits, not
even its customer; then as any other order."""

from dataclasses import replace
from datetime import timedelta

from patchbay_chassis.saga import Saga
from provisioning_service import model
from provisioning_service.back_orders import Patience, back_ordered, resumed
from provisioning_service.order_saga import ORDER


def back_order(shortest: timedelta, longest: timedelta) -> Saga:
    """The saga with those bounds of its pauses. Nothing depends on how soon the numbers service answers: an order that
    waits for months is not to fail because that was away for a minute."""
    steps = {step.name: step for step in ORDER.steps()}
    waits = Patience(shortest, longest).waits
    numbers = replace(steps["numbers"], waits=waits, within=timedelta(days=1), tries=96)
    return replace(
        ORDER,
        name="back_order",
        stages=((numbers,), (steps["customer"],), (steps["billing"],), (steps["services"],)),
        announce=replace(ORDER.announce, waiting=back_ordered, resumed=resumed),
        takes=model.is_patient,
    )
