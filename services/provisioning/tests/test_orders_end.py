"""However an order's services act, and whenever somebody wants it back: it ends once, made or undone, and its saga
knows at any time what was said of it last."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patchbay_chassis.envelope import Numbered, Said
from patchbay_chassis.saga import ENDED, advance, begin, expire
from patchbay_chassis.taking_back import cancel
from patchbay_contracts.message import Message
from patchbay_contracts.order import Failing
from patchbay_contracts.v1.orders import OrderCompleted, OrderDelayed, OrderFailed, OrderStuck
from patchbay_contracts.v1.provisioning import CancelOrder, PlaceOrder
from provisioning_service import cancelling, standing
from provisioning_service.order_saga import ORDER

from .acting import POLICIES, Choose, Owner, a_line
from .orders import NOW, order

MOVES = 30
Ends = OrderCompleted | OrderFailed
Told = Ends | OrderDelayed | OrderStuck


class World:
    """One order, the services that it asks, and the answers that are on their way, each perhaps twice."""

    def __init__(self, placed: PlaceOrder, policies: Sequence[str], choose: Choose) -> None:
        self.placed, self.choose = placed, choose
        self.owners = {step.name: Owner(step, placed, policies) for step in ORDER.steps()}
        self.answers = list[Message]()
        self.ends = list[Ends]()
        self.told: Told | None = None
        self.asked = list[tuple[str, Numbered]]()
        self.cancelled = False
        self.now = placed.start or NOW

    def begin(self) -> None:
        self._take(*begin(ORDER, self.placed, self.now))

    def cancel(self) -> None:
        command = CancelOrder(
            order_id=self.placed.order_id, reseller="acme", by="key:desk", why="not wanted", asked_at=self.now
        )
        if not hasattr(self, "state"):
            why = cancelling.why(command, None)
            assert why is not None
            self.cancelled = True
            self._take(*begin(ORDER, command, NOW, why))
            return
        why = cancelling.why(command, self.state.facts)
        assert why is not None
        self.cancelled |= self.state.status == "running"
        self._take(*cancel(ORDER, self.state, command, why, self.now))

    def serve(self, owner: Owner, *, again: bool = False) -> None:
        self.answers.append(owner.serve(self.choose, again=again))

    def hear(self, at: int, *, again: bool = False) -> None:
        answer = self.answers[at] if again else self.answers.pop(at)
        self._take(*advance(ORDER, self.state, answer, self.now))

    def wait(self, time: timedelta) -> None:
        self.now += time
        self._take(*expire(ORDER, self.state, self.now))

    def settle(self) -> None:
        """Everybody answers in the end, and what is on its way arrives."""
        for _ in range(100):
            busy = [owner for owner in self.owners.values() if owner.inbox]
            if self.answers:
                self.hear(0)
            elif busy:
                self.serve(busy[0])
            else:
                assert self.state.status in ENDED, f"nobody is asked anything, and it is {self.state.status}"
                return
        raise AssertionError("it does not end")

    def _take(self, state: Any, said: Sequence[Said]) -> None:
        self.state = state
        for one in said:
            self.told = one if isinstance(one, Told) else self.told
            if isinstance(one, Ends):
                self.ends.append(one)
            elif isinstance(one, Numbered):
                self._ask(one)
        assert len(self.ends) == (state.status in ENDED), self.ends
        known = standing.of(ORDER, state).said
        assert type(known) is type(self.told)
        assert not self.ends or known == self.told

    def _ask(self, command: Numbered) -> None:
        (name,) = [name for name, owner in self.owners.items() if owner.takes(command.message)]
        stages = [[step.name for step in stage] for stage in ORDER.stages]
        at = next(at for at, stage in enumerate(stages) if name in stage)
        others = stages[at + 1 :] if self.owners[name].is_undo(command.message) else stages[:at]
        for other in (self.owners[one] for stage in others for one in stage):
            if self.owners[name].is_undo(command.message):
                assert not other.has, f"{command.message.type} though {other.step.name} is not undone"
            else:
                assert other.has or not self.needed(other), (
                    f"{command.message.type} though {other.step.name} is not done"
                )
        assert not self.ends, f"{command.message.type} after the end"
        self.owners[name].inbox.append(command)
        self.asked.append((name, command))

    def needed(self, owner: Owner) -> bool:
        return owner.step.needed is None or owner.step.needed(self.state.facts)


def moves_of(world: World, unwanted: bool) -> list[tuple[str, Any]]:
    """What may happen now, also that somebody wants back what is `unwanted`."""
    busy = [owner for owner in world.owners.values() if owner.inbox]
    found: list[tuple[str, Any]] = [("serve", owner) for owner in busy] + [("serve again", owner) for owner in busy]
    found += [(what, at) for at in range(len(world.answers)) for what in ("hear", "hear again")]
    found += [("wait", timedelta(seconds=s)) for s in (1, 10)]
    return [*found, ("cancel", None)] if unwanted else found


def move(world: World, what: str, of: Any) -> None:
    match what:
        case "serve" | "serve again":
            world.serve(of, again=what == "serve again")
        case "hear" | "hear again":
            world.hear(of, again=what == "hear again")
        case "wait":
            world.wait(of)
        case "cancel":
            world.cancel()


@st.composite
def orders(draw: st.DrawFn) -> tuple[PlaceOrder, list[str]]:
    """An order with any policies, and those of its lines."""
    many = draw(st.sampled_from((1, 2, 3, 1, 2, 0)))
    policies = [draw(st.sampled_from(list(POLICIES))) for _ in range(many)]
    lines = [
        a_line(at, policy, draw(st.sampled_from(("together", "each"))), draw(st.sampled_from((None, True, False))))
        for at, policy in enumerate(policies)
    ]
    failure = draw(st.sampled_from(get_args(Failing)))
    start = draw(st.sampled_from((None, NOW + timedelta(days=3))))
    return order(*lines, failure=failure, start=start, watched=draw(st.booleans())), policies


@given(orders(), st.data())
@settings(max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_an_order_ends_once_and_nothing_of_one_that_failed_is_kept(
    wanted: tuple[PlaceOrder, list[str]], data: st.DataObject
) -> None:
    world = World(*wanted, lambda these: data.draw(st.sampled_from((*these[:1] * 3, *these))))
    unwanted = data.draw(st.booleans(), "somebody may want it back")
    if unwanted and world.placed.start is not None and data.draw(st.booleans(), "before it begins"):
        world.cancel()
    else:
        world.begin()
    for _ in range(data.draw(st.integers(0, MOVES), "moves")):
        move(world, *data.draw(st.sampled_from(moves_of(world, unwanted))))
    world.settle()
    (end,) = world.ends
    check_commands(world)
    check_timeline(end)
    if isinstance(end, OrderCompleted):
        check_made(world, end)
    else:
        check_undone(world, end)


def check_commands(world: World) -> None:
    """Each service was asked for one thing, and to take it back at most once after that, however often it was asked."""
    for name, owner in world.owners.items():
        ids = dict.fromkeys(command.id for of, command in world.asked if of == name)
        kinds = Counter(owner.is_undo(command.message) for of, command in world.asked if of == name)
        said = [owner.is_undo(command.message) for of, command in world.asked if of == name]
        assert len(ids) == len(kinds), f"{name} was asked under {len(ids)} ids"
        assert said == sorted(said), f"{name} was asked to take back what it was not asked for, or again after that"
        assert not said or not said[0], f"{name} takes back what nobody asked for"


def check_timeline(end: Ends) -> None:
    """Moments stand in the order in which they were."""
    times = [moment.partition(" ")[0] for moment in end.timeline]
    assert all(before <= after for before, after in pairwise(times)), times


def check_made(world: World, end: OrderCompleted) -> None:
    """Each line was made with just the numbers that are held and charged for it, or refused, if it could be."""
    assert not world.cancelled
    for owner in world.owners.values():
        assert owner.has or not world.needed(owner), f"completed without {owner.step.name}"
    made = {service.line for service in end.services}
    refused = {left.line for left in end.lines if left.state == "refused"}
    assert made | refused == set(range(len(world.placed.lines)))
    assert not made & refused
    assert made or not refused, "an order of which nothing was left"
    for at in refused:
        assert world.placed.goes_on_without(world.placed.lines[at])
    numbers = [number for service in end.services for number in service.numbers]
    assert len(numbers) == len(set(numbers))
    held = {at: got for at, got in world.owners["numbers"].held.items() if at in made}
    assert {n.e164 for line in held.values() for n in line.numbers} == set(numbers)
    for left in end.lines:
        if left.state != "refused":
            assert left.instead_of == held[left.line].instead_of


def check_undone(world: World, end: OrderFailed) -> None:
    """Nobody has anything of it, and it says why; lines that it went on without are those that it could do without."""
    for owner in world.owners.values():
        assert not owner.has, f"failed, and {owner.step.name} is still there"
    assert (end.reason == "cancelled") == world.cancelled
    assert {left.state for left in end.lines} <= {"refused"}
    assert all(world.placed.goes_on_without(world.placed.lines[left.line]) for left in end.lines)
