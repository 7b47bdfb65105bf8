"""A saga that waits is asked again, when its time has come or when what it wants has become another thing. No IO."""

from collections.abc import Sequence
from datetime import datetime

from patchbay_chassis.envelope import Numbered, mint
from patchbay_chassis.saga import Failure, Moved, Saga, State, StepState, undo
from patchbay_contracts.message import Message

NOTED = 10
"""So many tries are noted, whatever is answered. It may be asked a thousand times: a later try is noted only if it
brings something new."""


def again(
    saga: Saga,
    state: State,
    known: Sequence[Message],
    now: datetime,
    failure: Failure | None = None,
    *,
    noted: bool = False,
) -> Moved:
    """What it waits for is asked for again, with what is `known` by now; or it fails without asking. `noted`: that this
    try is, however many there were."""
    if state.status != "waiting":
        return state, []
    for message in known:
        state = state._replace(facts=state.facts.plus(message))
    if failure is not None:
        return undo(saga, state._replace(failure=failure), now)
    (step,) = saga.stages[0]
    command = Numbered(mint(), step.does(state.facts))
    asked = StepState("asked", command.id, now + saga.wait(step, 1))
    tried = state.tried + 1
    note = state.log.plus if noted or tried <= NOTED else state.log.perhaps
    log = note(now, command.message.type, f"tried again, try {tried}")
    return state._replace(status="running", log=log, steps={**state.steps, step.name: asked}, tried=tried), [command]
