"""A saga that waits is asked again, when its time has come or when what it wants has become another thing. No IO."""

from collections.abc import Sequence
from datetime import datetime

from patchbay_chassis.envelope import Numbered, mint
from patchbay_chassis.saga import Failure, Moved, Saga, State, StepState, undo
from patchbay_contracts.message import Message


def again(saga: Saga, state: State, known: Sequence[Message], now: datetime, failure: Failure | None = None) -> Moved:
    """What it waits for is asked for again, with what is `known` by now; or it fails without asking. That it was asked
    again is no moment of its own: it may be asked a thousand times."""
    if state.status != "waiting":
        return state, []
    for message in known:
        state = state._replace(facts=state.facts.plus(message))
    if failure is not None:
        return undo(saga, state._replace(failure=failure), now)
    (step,) = saga.stages[0]
    command = Numbered(mint(), step.does(state.facts))
    asked = StepState("asked", command.id, now + saga.wait(step, 1))
    return state._replace(status="running", steps={**state.steps, step.name: asked}), [command]
