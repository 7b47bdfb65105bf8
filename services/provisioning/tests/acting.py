"""The services that an order's saga asks, as they may act: slow, silent for a time, heard twice or out of order. They
remember what they did, as their tables and journals do. No IO."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from patchbay_chassis.envelope import Numbered
from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Step
from patchbay_contracts.message import Message
from patchbay_contracts.order import Line, Numbers, RefusedLine
from patchbay_contracts.v1.billing import BilledLine, BillingOpened, BillingRefused, OpenBilling
from patchbay_contracts.v1.customer import PrepareCustomer
from patchbay_contracts.v1.numbers import HeldLine, HoldNumbers, NumbersHeld, NumbersUnavailable, Want
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.words import HeldNumber
from provisioning_service.activation import ActivateServices, ServicesActivated, ServicesRefused

from .orders import Answers, line

Choose = Callable[[tuple[Any, ...]], Any]
"""One of these, of which the first is the usual one, as the test wants it."""
Gives = Callable[[int], HeldLine]
"""What a line may get, by its place in the order."""


class LinePolicy(NamedTuple):
    """What a line asks for, by its place in the order, and what numbers may give it. One that wants none gets none."""

    asks: Callable[[int], Numbers]
    gives: tuple[Gives, ...] = ()


def _named(at: int) -> int:
    return 441_214_960_000 + 10 * at


def _held(at: int, *places: int, **more: Any) -> HeldLine:
    numbers = (HeldNumber(e164=_named(at) + place, grade="standard", rule="no pattern") for place in places)
    return HeldLine(line=at, numbers=tuple(numbers), **more)


def _instead(at: int) -> HeldLine:
    given = {_named(at): _named(at) + 5}
    return _held(at, 5, 1, acted="substitute", note="another was given", instead_of=given)


POLICIES = {
    "no numbers": LinePolicy(lambda _: Numbers()),
    "all": LinePolicy(lambda at: Numbers(exact=(_named(at), _named(at) + 1)), (lambda at: _held(at, 0, 1),)),
    "available": LinePolicy(
        lambda _: Numbers(count=2, policy="available"),
        (
            lambda at: _held(at, 0, 1),
            lambda at: _held(at, 0, acted="available", note="1 of 2 were available"),
        ),
    ),
    "substitute": LinePolicy(
        lambda at: Numbers(exact=(_named(at), _named(at) + 1), policy="substitute"),
        (lambda at: _held(at, 0, 1), _instead),
    ),
}
"""By what orders say of a line: a new policy is one more of these."""


def a_line(at: int, policy: str, grouping: str, optional: bool | None) -> Line:
    """The line at that place."""
    return line(numbers=POLICIES[policy].asks(at), grouping=grouping, optional=optional)


class Owner:
    """The service that does one step. `has`: whether anything of the order is there, whole or in part. It takes
    commands in the order in which they were said, and answers one that comes again as it did before."""

    def __init__(self, step: Step, order: PlaceOrder, policies: Sequence[str]) -> None:
        self.step, self.order, self.policies = step, order, policies
        self.inbox: list[Numbered] = []
        self.has = False
        self.undone = False
        self._undo = type(step.undo(Facts().plus(order)))
        self.held: dict[int, HeldLine] = {}
        self._answers = Answers(order)
        self._journal: dict[UUID, Message] = {}

    def takes(self, command: Message) -> bool:
        """Whether it is the one that this is said to."""
        return command.type.partition(".")[0] == self._undo.type.partition(".")[0]

    def is_undo(self, command: Message) -> bool:
        """Whether this takes back what it did."""
        return isinstance(command, self._undo)

    def serve(self, choose: Choose, *, again: bool = False) -> Message:
        """Take the next command; `again` leaves it there, as when offsets were not committed."""
        command = self.inbox[0] if again else self.inbox.pop(0)
        if command.id not in self._journal:
            self._journal[command.id] = self._do(command.message, choose)
        return self._journal[command.id]

    def _do(self, command: Message, choose: Choose) -> Message:
        if self.is_undo(command):
            self.has, self.undone = False, True
            return self.step.undone(order_id=self.order.order_id, reseller=self.order.reseller)
        assert not self.undone, "what was taken back is asked for again"
        answer: Message = self._answer(command, choose)
        self.has = type(answer) is self.step.done or (self.step.refusal_is_partial and choose((True, False)))
        return answer

    def _answer(self, command: Message, choose: Choose) -> Any:
        about = {"order_id": self.order.order_id, "reseller": self.order.reseller}
        match command:
            case PrepareCustomer():
                return choose((self._answers.customer_ready, self._answers.customer_refused))
            case HoldNumbers():
                return self._hold(command.wants, choose)
            case OpenBilling():
                return self._open(command.lines, choose)
            case ActivateServices():
                refused = ServicesRefused(**about, reason="network_refused", detail="not this one")
                return choose((ServicesActivated(**about), refused))
        raise AssertionError(f"nobody answers {command.type}")

    def _hold(self, wants: Sequence[Want], choose: Choose) -> NumbersHeld | NumbersUnavailable:
        lines, refused = list[HeldLine](), list[RefusedLine]()
        for want in wants:
            if (gives := choose((*POLICIES[self.policies[want.line]].gives, None))) is not None:
                lines.append(gives(want.line))
            elif not want.optional:
                return self._answers.numbers_unavailable
            else:
                refused.append(RefusedLine(line=want.line, reason="taken", detail="somebody was faster"))
        self.held = {line.line: line for line in lines}
        held = choose((self._answers.numbers_held, self._answers.held_briefly))
        return held.model_copy(update={"lines": tuple(lines), "refused": tuple(refused)})  # type: ignore[no-any-return]

    def _open(self, lines: Sequence[BilledLine], choose: Choose) -> BillingOpened | BillingRefused:
        refused = list[RefusedLine]()
        for one in lines:
            if choose((True, False)):
                continue
            if not one.optional:
                return self._answers.billing_refused
            refused.append(RefusedLine(line=one.line, reason="no_price", detail="no list has it"))
        if lines and len(refused) == len(lines):
            return self._answers.billing_refused.model_copy(update={"line": None, "refused": tuple(refused)})
        return self._answers.billing_opened.model_copy(update={"refused": tuple(refused)})
