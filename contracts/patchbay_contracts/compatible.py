"""What of a contract must not change: a schema, or a topic, as it was and as it is; and what would break.

Additions are fine: a field that may be left out, an operation, a value that is answered. What is asked may become wider
and never narrower; what is answered the other way round; a message is read by those of before and after, so neither.
"""

from collections.abc import Iterator, Mapping
from operator import gt, lt
from typing import Any, Literal

from patchbay_contracts.topics import Topic

Schema = Mapping[str, Any]
Side = Literal["asked", "answered", "message"]
_LEAST = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_MOST = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "const")


class Comparison:
    """Two documents with their schemas, which refer to others within them."""

    def __init__(self, before: Schema, after: Schema, side: Side) -> None:
        self._documents = (before, after)
        self._side = side
        self._under_way = set[tuple[Any, Any]]()

    def breaks(self, before: Schema, after: Schema, place: str = "") -> Iterator[str]:
        """What would break, each with its place."""
        names = (before.get("$ref"), after.get("$ref"))
        if names[0] and names[1]:
            if names in self._under_way:
                return
            self._under_way.add(names)
        before, after = (self._resolved(schema, at) for at, schema in enumerate((before, after)))
        yield from self._kinds(before, after, place)
        yield from self._bounds(before, after, place)
        yield from self._fields(before, after, place)
        for inner in ("items", "additionalProperties"):
            if isinstance(was := before.get(inner), dict) and isinstance(now := after.get(inner), dict):
                yield from self.breaks(was, now, f"{place}/{'-' if inner == 'items' else '*'}")
        yield from self._variants(before, after, place)
        if names[0] and names[1]:
            self._under_way.discard(names)

    def _resolved(self, schema: Schema, at: int) -> Schema:
        while (ref := schema.get("$ref")) is not None:
            found: Any = self._documents[at]
            for part in str(ref).removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
        return schema

    def _kinds(self, before: Schema, after: Schema, place: str) -> Iterator[str]:
        was, now = _types(before), _types(after)
        if self._side != "answered" and was and now and not was <= now:
            yield f"{place}: may not be {', '.join(sorted(was - now))} any more"
        if self._side != "asked" and was and now and not now <= was:
            yield f"{place}: may now be {', '.join(sorted(now - was))}"
        if self._side != "answered" and now and not was and not _variants(before):
            yield f"{place}: could be anything, and has to be {', '.join(sorted(now))}"
        if "enum" in before and "enum" in after:
            gone = [str(value) for value in before["enum"] if value not in after["enum"]]
            if gone:
                yield f"{place}: {', '.join(gone)} is no value any more"
        elif "enum" in after and self._side != "answered" and "const" not in before:
            yield f"{place}: only some values are taken now"

    def _bounds(self, before: Schema, after: Schema, place: str) -> Iterator[str]:
        if self._side == "answered":
            return
        for names, narrower in ((_LEAST, gt), (_MOST, lt)):
            for name in names:
                if name in after and (name not in before or narrower(after[name], before[name])):
                    yield f"{place}: {name} is {after[name]}, was {before.get(name, 'not there')}"
        for name in _EXACT:
            if name in after and after[name] != before.get(name):
                yield f"{place}: {name} is {after[name]!r}, was {before.get(name, 'not there')!r}"

    def _fields(self, before: Schema, after: Schema, place: str) -> Iterator[str]:
        was, now = before.get("properties", {}), after.get("properties", {})
        for name in was:
            if name in now:
                yield from self.breaks(was[name], now[name], f"{place}/{name}")
            elif "properties" in after or after.get("additionalProperties") is False:
                yield f"{place}/{name}: the field is gone"
        needed, needs = set(before.get("required", ())), set(after.get("required", ()))
        if self._side != "answered":
            for name in sorted(needs - needed):
                yield f"{place}/{name}: the field is required now"
        if self._side != "asked":
            for name in sorted((needed - needs) & now.keys()):
                yield f"{place}/{name}: the field may be missing now"
        refuses = self._side == "asked" and after.get("additionalProperties") is False
        if refuses and was and before.get("additionalProperties") is not False:
            yield f"{place}: fields that are not known are refused now"

    def _variants(self, before: Schema, after: Schema, place: str) -> Iterator[str]:
        was, now = _variants(before), _variants(after)
        if not was or not now:
            if was and not now and self._side != "answered":
                yield f"{place}: had variants, and has none"
            return
        known, there = ({_called(one): one for one in variants} for variants in (was, now))
        for name, one in known.items():
            if name in there:
                yield from self.breaks(one, there[name], place)
            elif self._side != "answered" and not any(self._takes(one, other) for other in now):
                yield f"{place}: the variant {name} is gone"
        if self._side != "asked":
            for name in sorted(there.keys() - known.keys()):
                if not any(self._takes(one, there[name]) for one in was):
                    yield f"{place}: there is a new variant {name}"

    def _takes(self, before: Schema, after: Schema) -> bool:
        return not list(Comparison(*self._documents, self._side).breaks(before, after))


def _types(schema: Schema) -> set[str]:
    if "type" in schema:
        found = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
        return found | ({"integer"} if "number" in found else set())
    return set()


def _variants(schema: Schema) -> list[Schema]:
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())]


def _called(variant: Schema) -> str:
    """By what a variant is known again."""
    return str(variant.get("$ref", variant.get("const", variant.get("type", variant.get("title", "")))))


def schema_breaks(before: Schema, after: Schema, side: Side = "message") -> list[str]:
    """What would break between two whole schemas."""
    return list(Comparison(before, after, side).breaks(before, after))


def topic_breaks(before: Mapping[str, Topic], after: Mapping[str, Topic]) -> Iterator[str]:
    """What would break between two sets of topics."""
    for name, was in before.items():
        now = after.get(name)
        if now is None:
            yield f"{name}: the topic is gone"
            continue
        if now.key != was.key:
            yield f"{name}: the key is {now.key}, was {was.key}: what is about the same would lose its order"
        if now.partitions != was.partitions:
            yield f"{name}: {now.partitions} partitions, were {was.partitions}: keys would move while messages wait"
        if now.retention_hours < was.retention_hours:
            yield f"{name}: kept for {now.retention_hours} hours, were {was.retention_hours}"
