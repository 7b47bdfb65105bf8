"""A saga as data, and the one pure function that moves it: what happened in, what to say out. No IO."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple
from uuid import UUID

from patchbay_chassis.envelope import Numbered, Said, mint
from patchbay_chassis.facts import Facts, Log
from patchbay_contracts.message import Message

Status = Literal["running", "waiting", "undoing", "stuck", "completed", "failed"]
ENDED: frozenset[Status] = frozenset({"completed", "failed"})
AT_REST: frozenset[Status] = ENDED | {"waiting"}
"""Nothing is asked of anybody, and no time limit runs."""


@dataclass(frozen=True)
class Step:
    """What is asked of a service, its two answers, and how it is taken back; all standing together.

    `within` is the time limit for an answer; the command is asked again `tries - 1` times on the way.
    `needed`, if given, says whether there is anything to ask. `ready`, if given, is looked at before asking:
    a text or a failure is the reason not to go on. A refusal means that nothing was done, unless `refusal_is_partial`:
    then the step is undone too. `waits`, if given, is asked of a refusal: until when it may wait to be asked again; or
    why that has no sense any more; None if it never had. Such a step is a stage by itself and the first, so that
    nothing else is done meanwhile. A message's `note`, if it has one, is noted with its moment.
    """

    name: str
    does: Callable[[Facts], Message]
    done: type[Message]
    refused: type[Message]
    undo: Callable[[Facts], Message]
    undone: type[Message]
    within: timedelta = timedelta(seconds=30)
    tries: int = 3
    needed: Callable[[Facts], bool] | None = None
    ready: "Callable[[Facts, datetime], str | Failure] | None" = None
    refusal_is_partial: bool = False
    waits: "Callable[[Facts, Message, datetime], datetime | Failure | None] | None" = None


class Failure(NamedTuple):
    """Why a saga is undone: at which step, a reason code and a text for people."""

    step: str
    reason: str
    detail: str


class StepState(NamedTuple):
    """How far one step is: `id` and `due` are of the command that waits for an answer; of one that is `waiting`, `due`
    is when it is asked again."""

    at: Literal["asked", "done", "skipped", "refused", "waiting", "undoing", "undone"]
    id: UUID | None = None
    due: datetime | None = None
    tries: int = 1


class State(NamedTuple):
    """A saga's state. It holds step names and the saga's version, never an index. `tried`: how often what it waits for
    was asked for."""

    version: int
    status: Status
    facts: Facts
    log: Log = Log()
    steps: Mapping[str, StepState] = MappingProxyType({})
    failure: Failure | None = None
    tried: int = 1

    @property
    def due(self) -> datetime | None:
        """When something must be looked at if nobody answers until then."""
        return min((s.due for s in self.steps.values() if s.due is not None), default=None)

    def kept(self) -> "State":
        """The same when all of it is stored."""
        return State(self.version, self.status, self.facts.kept(), self.log.kept(), *self[4:])


@dataclass(frozen=True)
class Announcements:
    """How the world is told: of the end (exactly one of the first two), of delay, and of being stuck. `moved`, if
    given, is asked at each move, and said before what else the move says; None for a saga that nobody follows so
    closely. `waiting`: that it waits, and for what, and whether that was said before; `resumed`: that it has waited,
    and goes on."""

    completed: Callable[[State], Message]
    failed: Callable[[State], Message]
    delayed: Callable[[State, str, str], Message]
    stuck: Callable[[State, str, str], Message]
    moved: Callable[[State], Message | None] | None = None
    waiting: Callable[[State, Message, bool], Message] | None = None
    resumed: Callable[[State], Message] | None = None


@dataclass(frozen=True)
class Saga:
    """Stages in the order of business; the steps of one stage run in parallel.

    The last stage is the pivot: once it is done the saga only goes forward, by its announcement.
    `patience` stretches every time limit. `takes`, where several sagas begin with messages of one type: which are its.
    """

    name: str
    version: int
    begins: type[Message]
    stages: tuple[tuple[Step, ...], ...]
    announce: Announcements
    patience: float = 1.0
    takes: Callable[[Any], bool] | None = None

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps()]
        answers = [a.type for step in self.steps() for a in (step.done, step.refused, step.undone)]
        if len(set(names)) < len(names):
            raise TypeError(f"saga {self.name}: a step's name stands twice in {names}")
        if len(set(answers)) < len(answers):
            raise TypeError(f"saga {self.name}: an answer belongs to two steps")
        if len(self.stages[-1]) != 1:
            raise TypeError(f"saga {self.name}: the last stage is the pivot and has one step")
        if any(step.waits for stage in self.stages for step in stage if stage != self.stages[0] or len(stage) > 1):
            raise TypeError(f"saga {self.name}: a step that waits is the first, and a stage by itself")

    def steps(self) -> Iterator[Step]:
        """All steps in the order of business."""
        return (step for stage in self.stages for step in stage)

    def answers(self) -> list[type[Message]]:
        """Every answer that moves the saga."""
        return [a for step in self.steps() for a in (step.done, step.refused, step.undone)]

    def longest(self) -> timedelta:
        """How long a saga may take until its pivot, if every step takes all its time."""
        return sum((max(step.within for step in stage) for stage in self.stages), timedelta()) * self.patience

    def wait(self, step: Step, tries: int) -> timedelta:
        """Time for one try. Past the last, an undo goes on being asked, ever less often."""
        return step.within * self.patience / step.tries * max(1, min(tries - step.tries, 20))


Moved = tuple[State, list[Said]]


def begin(saga: Saga, message: Message, now: datetime, refusal: Failure | None = None) -> Moved:
    """A new saga, and the first stage's commands; or its failure, if it is refused before anything is asked."""
    state = State(saga.version, "running", Facts().plus(message))
    state = _note(state, now, message.type, getattr(message, "note", ""))
    if refusal is not None:
        return undo(saga, state._replace(failure=refusal), now)
    return _ask(saga, state, saga.stages[0], now)


def advance(saga: Saga, state: State, message: Message, now: datetime) -> Moved:
    """An answer came. A late one, a repeated one or one to a step that never was changes nothing."""
    for step in saga.steps():
        was = state.steps.get(step.name)
        if was is None:
            continue
        if type(message) is step.undone and was.at == "undoing":
            state = _to(state, step, StepState("undone"), (now, message.type, ""))
            return undo(saga, state, now)
        if type(message) is step.done and was.at == "asked":
            state = _to(state, step, StepState("done"), (now, message.type, getattr(message, "note", "")), message)
            if state.status != "running":
                return state, []
            state, said = _forward(saga, state, now)
            if step.waits is not None and state.facts.has(step.refused) and saga.announce.resumed is not None:
                said = [saga.announce.resumed(state), *said]
            return state, said
        if type(message) is step.refused and was.at == "asked":
            reason, detail = getattr(message, "reason", "refused"), getattr(message, "detail", "")
            if step.waits is not None and state.status == "running":
                waits = step.waits(state.facts, message, now)
                if isinstance(waits, datetime):
                    return _wait(saga, state, message, waits, now)
                reason, detail = (reason, detail) if waits is None else waits[1:]
            refused = StepState("done" if step.refusal_is_partial else "refused")
            state = _to(state, step, refused, (now, message.type, f"{reason}: {detail}"), message)
            return undo(saga, state._replace(failure=state.failure or Failure(step.name, reason, detail)), now)
    return state, []


def expire(saga: Saga, state: State, now: datetime) -> Moved:
    """Time has passed: ask again what is due, undo what was asked often enough, cry for help if that fails."""
    said: list[Said] = []
    for step in saga.steps():
        was = state.steps.get(step.name)
        if was is None or was.due is None or was.due > now or was.at == "waiting":
            continue
        make = step.does if was.at == "asked" else step.undo
        if was.tries < step.tries or was.at == "undoing":
            assert was.id is not None
            command = make(state.facts)
            again = was._replace(due=now + saga.wait(step, was.tries + 1), tries=was.tries + 1)
            state = _to(state, step, again, (now, command.type, f"asked again, try {again.tries}"))
            said.append(Numbered(was.id, command))
            late = f"no answer to {command.type} for try {was.tries}"
            if was.at == "undoing" and was.tries >= step.tries:
                stuck = state.status == "stuck"
                state = state._replace(status="stuck")
                said += [] if stuck else [saga.announce.stuck(state, step.name, late)]
            else:
                said.append(saga.announce.delayed(state, step.name, late))
        elif state.status == "running":
            limit = f"no answer within {step.within.total_seconds() * saga.patience:g} s, asked {was.tries} times"
            state = _note(state, now, make(state.facts).type, limit)
            state = state._replace(failure=Failure(step.name, "timed_out", limit))
            state, undoing = undo(saga, state, now)
            delayed = [] if state.status in ENDED else [saga.announce.delayed(state, step.name, limit)]
            return state, [*said, *undoing, *delayed]
    return state, said


def _wait(saga: Saga, state: State, refusal: Message, until: datetime, now: datetime) -> Moved:
    """Nothing is done, so nothing is to be undone: it is asked again when its time has come. A refusal is noted where
    its question is, or if it says something new; it is news after another one, or after a delay, which was told."""
    (step,) = saga.stages[0]
    was, delayed = state.facts.maybe(step.refused), state.steps[step.name].tries > 1
    state = state._replace(status="waiting", steps={**state.steps, step.name: StepState("waiting", due=until)})
    if was == refusal and state.log.held_back:
        return state._replace(log=state.log.as_if_not()), []
    reason, detail = getattr(refusal, "reason", "refused"), getattr(refusal, "detail", "")
    facts = state.facts if was == refusal else state.facts.plus(refusal)
    state = _note(state._replace(facts=facts), now, refusal.type, f"{reason}: {detail}")
    told = was == refusal and not delayed
    return state, [] if saga.announce.waiting is None else [saga.announce.waiting(state, refusal, told)]


def _to(
    state: State, step: Step, is_at: StepState, entry: tuple[datetime, str, str], fact: Message | None = None
) -> State:
    """A step moved: `entry` is when, by what message, and a note; `fact` is what is known now."""
    facts = state.facts if fact is None else state.facts.plus(fact)
    steps = {**state.steps, step.name: is_at}
    return State(state.version, state.status, facts, state.log.plus(*entry), steps, state.failure, state.tried)


def _note(state: State, now: datetime, message: str, note: str = "") -> State:
    return state._replace(log=state.log.plus(now, message, note))


def _ask(saga: Saga, state: State, stage: Sequence[Step], now: datetime) -> Moved:
    said: list[Said] = []
    for step in stage:
        if step.needed is not None and not step.needed(state.facts):
            state = state._replace(steps={**state.steps, step.name: StepState("skipped")})
            continue
        if step.ready is not None and (reason := step.ready(state.facts, now)):
            failure = reason if isinstance(reason, Failure) else Failure(step.name, "not_ready", reason)
            return undo(saga, state._replace(failure=failure), now)
        said.append(command := Numbered(mint(), step.does(state.facts)))
        asked = StepState("asked", command.id, now + saga.wait(step, 1))
        state = _to(state, step, asked, (now, command.message.type, ""))
    return (state, said) if said else _forward(saga, state, now)


def _forward(saga: Saga, state: State, now: datetime) -> Moved:
    """The next stage when the present one is done; the announcement when the last is."""
    for stage in saga.stages:
        present = [state.steps.get(step.name) for step in stage]
        if any(p is None for p in present):
            return _ask(saga, state, stage, now)
        if any(p is not None and p.at not in ("done", "skipped") for p in present):
            return state, []
    state = state._replace(status="completed")
    return state, [saga.announce.completed(state)]


def undo(saga: Saga, state: State, now: datetime) -> Moved:
    """Backwards, stage by stage: a stage is undone when all of its steps are. A step that was asked and did
    not answer may have happened, so it is undone too."""
    state = state._replace(status="undoing" if state.status in ("running", "waiting", "stuck") else state.status)
    for stage in reversed(saga.stages):
        said: list[Said] = []
        for step in stage:
            was = state.steps.get(step.name)
            if was is not None and was.at in ("asked", "done"):
                said.append(command := Numbered(mint(), step.undo(state.facts)))
                undoing = StepState("undoing", command.id, now + saga.wait(step, 1))
                state = _to(state, step, undoing, (now, command.message.type, ""))
        if said or any(state.steps[s.name].at == "undoing" for s in stage if s.name in state.steps):
            return state, said
    state = state._replace(status="failed")
    return state, [saga.announce.failed(state)]
