"""A service's table of contents: which function handles which message, and what runs by the clock."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import Said
from patchbay_contracts.message import Message

Answer = Said | None | Sequence[Said]
M = TypeVar("M", bound=Message)
Handler = Callable[[Sequence[Any], Connection], Awaitable[Sequence[Answer]]]
Timed = Callable[[Connection], Awaitable[Sequence[Said]]]
H = TypeVar("H", bound=Callable[..., Awaitable[Sequence[Any]]])
T = TypeVar("T", bound=Timed)


@dataclass(frozen=True)
class Route:
    """A handler; `folds` if it may get several messages of one key at once and takes them in order."""

    handler: Handler
    folds: bool = False


@dataclass(frozen=True)
class Timer:
    """What runs every so often in a transaction of its own."""

    name: str
    every: timedelta
    run: Timed
    at_start: bool = False


@dataclass
class Router:
    """Collects handlers and timers; holds no state of its own."""

    routes: dict[type[Message], Route] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)

    def handles(self, *types: type[Message], folds: bool = False) -> Callable[[H], H]:
        """The decorated function takes all messages of these types that arrived together, and answers each.

        It gets them in order with an open transaction and returns as many answers: a message, None, or several
        messages. Within one call every key appears once, unless `folds`: then it sees all types it handles
        in one call, a key's messages in their order.
        """

        def register(handler: H) -> H:
            route = Route(handler, folds)
            for type_ in types:
                if type_ in self.routes:
                    raise TypeError(f"{type_.__name__} is handled twice")
                self.routes[type_] = route
            return handler

        return register

    def every(self, interval: timedelta, *, at_start: bool = False) -> Callable[[T], T]:
        """The decorated function runs at that interval, on one replica at a time, and may say messages. If `at_start`,
        each replica runs it also before it handles anything."""

        def register(run: T) -> T:
            self.timers.append(Timer(run.__name__, interval, run, at_start))
            return run

        return register

    @property
    def topics(self) -> list[str]:
        """What the service has to listen to."""
        return sorted({type_.topic for type_ in self.routes})


def flat(answer: Answer) -> Sequence[Said]:
    """An answer as the messages in it."""
    if answer is None:
        return ()
    return answer if isinstance(answer, Sequence) else (answer,)


def waves(messages: Sequence[Message], router: Router) -> list[dict[Handler, list[int]]]:
    """Positions of the messages in the order they must be handled: by wave, then by handler.

    A key's messages keep their order: a later one waits for the next wave, unless the same folding handler
    takes both. Everything else is handled together. A wave's handlers stand in the router's order, in every batch the
    same, so that their locks are too.
    """
    last: dict[UUID, tuple[int, Route]] = {}
    planned: list[dict[Handler, list[int]]] = []
    for position, message in enumerate(messages):
        route = router.routes[type(message)]
        wave = 0
        if (before := last.get(message.about)) is not None:
            wave = before[0] if route.folds and before[1] is route else before[0] + 1
        last[message.about] = (wave, route)
        if wave == len(planned):
            planned.append({})
        planned[wave].setdefault(route.handler, []).append(position)
    order = {route.handler: at for at, route in enumerate(router.routes.values())}
    return [{handler: wave[handler] for handler in sorted(wave, key=order.__getitem__)} for wave in planned]
