"""One order's saga told step by step, for tests of it. No IO."""

from datetime import timedelta

from patchbay_chassis.envelope import Numbered, Said
from patchbay_chassis.saga import advance, begin, expire
from patchbay_contracts.message import Message
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service.order_saga import ORDER

from .orders import NOW, Answers


class Story:
    """One order's saga: `given` answers, and what was `said` after the last event."""

    def __init__(self, placed: PlaceOrder) -> None:
        self.answers = Answers(placed)
        self.placed = placed
        self.now = NOW
        self.ids: dict[type[Message], list[object]] = {}
        self.state, said = begin(ORDER, placed, NOW)
        self._note(said)

    def _note(self, said: list[Said]) -> None:
        self.said = [one.message if isinstance(one, Numbered) else one for one in said]
        for one in said:
            if isinstance(one, Numbered):
                self.ids.setdefault(type(one.message), []).append(one.id)

    def given(self, *answers: Message) -> "Story":
        for answer in answers:
            self.state, said = advance(ORDER, self.state, answer, self.now)
            self._note(said)
        return self

    def after(self, time: timedelta) -> "Story":
        self.now += time
        self.state, said = expire(ORDER, self.state, self.now)
        self._note(said)
        return self

    def local(self, answer: type[Message], **fields: str) -> Message:
        return answer(order_id=self.placed.order_id, reseller=self.placed.reseller, **fields)

    @property
    def types(self) -> list[type[Message]]:
        return [type(message) for message in self.said]
