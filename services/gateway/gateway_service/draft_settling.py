"""What follows from any change of a draft, whoever made it: waivers that fall, and price lists to compare with."""

from typing import Any

from gateway_service.draft import Document, DraftService


def settled(before: Document, after: Document) -> Document:
    """The document after a change, without the waivers of what is not any more as it was when it was waived; services
    know which price list theirs replaced."""
    services = tuple(_charged(before.service(one.key), one) for one in after.services)
    after = after if services == after.services else after.but(services=services)
    kept = tuple(w for w in after.waivers if all(_at(before, at) == _at(after, at) for at in _whereabouts(w.pointer)))
    return after if kept == after.waivers else after.but(waivers=kept)


_OF_SERVICE: dict[str, Any] = {"search": True, "ticked": True, "begun": True, "aside": True, "aside_by_number": True}
_VOLATILE: dict[str, Any] = {"services": {"__all__": {**_OF_SERVICE, "numbers": {"__all__": {"held_until"}}}}}


def _whereabouts(pointer: str) -> tuple[str, ...]:
    """What has to stay as it is. What is found of a customer that is there already does not stand in the document."""
    return (pointer, "/customer/kind", "/customer/id") if pointer.startswith("/customer/") else (pointer,)


def _at(document: Document, pointer: str) -> Any:
    """What stands at that place; None for what is not there."""
    found: Any = document.model_dump(mode="json", exclude=_VOLATILE)
    for part in pointer.replace("/customer/pin", "/customer/sealed_pin").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(name)] if isinstance(found, list) else found.get(name)
        except (AttributeError, IndexError, ValueError):
            return None
    return found


def _charged(was: DraftService | None, service: DraftService) -> DraftService:
    """A service of another type was charged for something else: its list before compares with nothing."""
    if was is None or (was.service_type, was.price_list) == (service.service_type, service.price_list):
        return service
    comparable = was.service_type == service.service_type and service.price_list
    return service.model_copy(update={"price_list_before": was.price_list if comparable else ""})
