"""An order that is watched: its moves as they happen, until it has ended."""

from datetime import datetime
from typing import Any

import stamina

from patchbay_cli import output
from patchbay_client import Busy, Client, Unavailable, orders


def watched(patchbay: Client, id_: str) -> int:
    """Tell its moves as they come, and its end; the code with which to end."""
    began = patchbay(orders.show(id_))["accepted_at"]
    told = 0
    found: Any
    for attempt in stamina.retry_context(on=(Unavailable, Busy), attempts=None, timeout=None, wait_max=10):
        with attempt:
            for place, found in enumerate(patchbay.stream(orders.progress(id_)), 1):
                if "timeline" in found:
                    return _ended(found, seen=told > 0)
                if place > told:
                    told = place
                    _moved(found, began)
            raise Unavailable("Patchbay stopped before the order has ended")
    raise AssertionError("it is followed until it has ended")


def step(moment: Any, began: str) -> None:
    """A moment of a timeline, for people."""
    _line(moment["at"], began, f"{moment['message'].rpartition('.')[0]:<34} {moment['note']}")


def _moved(move: Any, began: str) -> None:
    if not output.told(move):
        _line(move["at"], began, f"{move['step'] + ' ' + move['what'].replace('_', ' '):<34} {move['note']}")


def _ended(order: Any, *, seen: bool) -> int:
    if not output.told(order):
        for moment in order["timeline"][-1 if seen else 0 :]:
            step(moment, order["accepted_at"])
    if order["state"] != "failed":
        return output.DONE
    outcome = order["outcome"] or {}
    output.say(f"failed: {outcome.get('reason', '')}: {outcome.get('detail', '')}")
    return output.REFUSED


def _line(at: str, began: str, text: str) -> None:
    ms = (datetime.fromisoformat(at) - datetime.fromisoformat(began)).total_seconds() * 1000
    output.people.print(f"{ms:>9,.0f} ms  {text}".rstrip(), highlight=False, markup=False)
