"""One order's saga told step by step, for tests of it. No IO."""

from datetime import timedelta

from patchbay_chassis.envelope import Numbered, Said
from patchbay_chassis.saga import Failure, advance, begin, expire
from patchbay_contracts.message import Message
from patchbay_contracts.v1.provisioning import AmendOrder, PlaceOrder
from provisioning_service import back_orders
from provisioning_service.back_order_saga import back_order
from provisioning_service.order_saga import ORDER

from .orders import NOW, Answers

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
BACK_ORDER = back_order(SHORTEST, LONGEST)


class Story:
    """One order's saga: `given` answers, and what was `said` after the last event."""

    def __init__(self, placed: PlaceOrder) -> None:
        self.answers = Answers(placed)
        self.placed = placed
        self.now = NOW
        self.ids: dict[type[Message], list[object]] = {}
        self.saga = next(saga for saga in (ORDER, BACK_ORDER) if saga.takes is not None and saga.takes(placed))
        self.state, said = begin(self.saga, placed, NOW)
        self._note(said)

    def _note(self, said: list[Said]) -> None:
        self.said = [one.message if isinstance(one, Numbered) else one for one in said]
        for one in said:
            if isinstance(one, Numbered):
                self.ids.setdefault(type(one.message), []).append(one.id)

    def given(self, *answers: Message) -> "Story":
        for answer in answers:
            self.state, said = advance(self.saga, self.state, answer, self.now)
            self._note(said)
        return self

    def after(self, time: timedelta) -> "Story":
        self.now += time
        self.state, said = expire(self.saga, self.state, self.now)
        self._note(said)
        return self

    def tried_again(self, refusal: Failure | None = None) -> "Story":
        """Its numbers are tried for again, as it was judged now."""
        if self.state.status != "waiting":
            self.said = []
            return self
        order = back_orders.as_of(back_orders.wished(self.state.facts), self.now)
        self.state, said = back_orders.try_again(self.saga, self.state, order, refusal, self.now)
        self._note(said)
        return self

    def amended(self, wish: AmendOrder) -> "Story":
        """Somebody wants it otherwise."""
        self.state, said = back_orders.amend(self.saga, self.state, wish, self.now)
        self._note(said)
        return self

    def pause(self) -> timedelta:
        """Until it is tried again."""
        assert self.state.due is not None
        return self.state.due - self.now

    def local(self, answer: type[Message], **fields: str) -> Message:
        return answer(order_id=self.placed.order_id, reseller=self.placed.reseller, **fields)

    @property
    def types(self) -> list[type[Message]]:
        return [type(message) for message in self.said]
