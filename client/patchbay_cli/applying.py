"""Applying what a file declares: each thing is compared with what there is on the day, and where it differs a version
is drafted and published. What is so already is left as it is, so a file can be applied again and again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from patchbay_cli import output
from patchbay_cli.declared import Content, differences, pointer, read
from patchbay_client import Client, NotAllowed, NotThere, PatchbayError, Refused
from patchbay_client.calls import Call

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
Row = Mapping[str, Any]


class Topic(NamedTuple):
    """Service types or price lists: how they are asked for and changed. `content` is what a version says, as a file
    declares it; `compared` the same with each part under a name; `standing` the version that counts on a day; `under`
    is where Patchbay has the content in what is sent to it."""

    name: str
    page: Callable[[str | None, int], Call[Any]]
    versions: Callable[[str], Call[Any]]
    show: Callable[[str, int], Call[Any]]
    draft: Callable[..., Call[Any]]
    publish: Callable[[str, int, int, str, str], Call[Any]]
    content: Callable[[Row], Content]
    compared: Callable[[Content], Content]
    standing: Callable[[Sequence[Row], str], Row | None]
    key: str = "id"
    under: str = ""


class Wish(NamedTuple):
    """How a file is applied. `day`: from when on, as 2026-12-01."""

    day: str
    why: str
    dry_run: bool
    replace_drafts: bool


def today() -> str:
    """The day by which Patchbay goes."""
    return datetime.now(UTC).date().isoformat()


def apply(patchbay: Client, topic: Topic, file: Path, wish: Wish) -> int:
    """Apply the file; the code with which to end. What is refused does not keep the rest from being applied."""
    ends = {output.DONE}
    for id_, declared in read(file, topic.name).items():
        try:
            result = _applied(patchbay, topic, id_, declared, wish)
        except (Refused, NotAllowed) as refused:
            if isinstance(refused, NotAllowed) and not refused.type.endswith("/forbidden"):
                raise  # the key will not do for the rest either
            ends.add(output.REFUSED)
            _refused(topic, file, id_, refused)
            continue
        if result["outcome"].startswith("would"):
            ends.add(output.WOULD_CHANGE)
        if not output.told(result):
            _shown(result)
    return output.REFUSED if output.REFUSED in ends else max(ends)


def _applied(patchbay: Client, topic: Topic, id_: str, declared: Content, wish: Wish) -> dict[str, Any]:
    versions = _versions(patchbay, topic, id_)
    draft = next((one for one in versions if one["state"] == "draft"), None)
    revision = draft["revision"] if draft else 0
    wanted = topic.content(patchbay(topic.draft(id_, declared, wish.why, revision, dry_run=True)))
    standing = topic.standing(versions, wish.day)
    there = topic.content(patchbay(topic.show(id_, standing["version"]))) if standing else {}
    found = list(differences(topic.compared(there), topic.compared(wanted)))
    if standing and not found:
        return {"id": id_, "outcome": "unchanged", "version": standing["version"], "differences": []}
    saved = _same_draft(patchbay, topic, id_, draft, wanted) if draft else None
    if draft and not saved and not wish.replace_drafts:
        raise _drafted(draft)
    outcome = "change" if standing else "create"
    told: dict[str, Any] = {"id": id_, "outcome": f"would_{outcome}", "valid_from": wish.day, "differences": found}
    if wish.dry_run:
        return told
    saved = saved or patchbay(topic.draft(id_, declared, wish.why, revision))
    done = patchbay(topic.publish(id_, saved["version"], saved["revision"], wish.day, wish.why))
    return told | {"outcome": f"{outcome}d", "version": done["version"]}


def _versions(patchbay: Client, topic: Topic, id_: str) -> Sequence[Row]:
    try:
        return patchbay(topic.versions(id_))["versions"]  # type: ignore[no-any-return]
    except NotThere:
        return ()


def _same_draft(patchbay: Client, topic: Topic, id_: str, draft: Row, wanted: Content) -> Row | None:
    """The draft if it says what is wanted: it was left behind by somebody who applied the file and was cut off."""
    found: Row = patchbay(topic.show(id_, draft["version"]))
    same = not list(differences(topic.compared(topic.content(found)), topic.compared(wanted)))
    return found if same else None


def _drafted(draft: Row) -> Refused:
    message = f"version {draft['version']} is a draft of {draft['changed_by'] or 'somebody'} and says something else"
    fault = {"pointer": "", "message": message, "remedy": "publish it first, or give --replace-drafts"}
    return Refused("There is another draft", {"title": "There is another draft", "errors": [fault]})


def export(patchbay: Client, topic: Topic) -> dict[str, dict[str, Content]]:
    """What is in force today of all that this key may change: applied again, it changes nothing."""
    found = {}
    for row in _kept(patchbay, topic):
        id_ = row[topic.key]
        if row["may_change"] and (one := topic.standing(_versions(patchbay, topic, id_), today())):
            found[id_] = topic.content(patchbay(topic.show(id_, one["version"])))
    return {topic.name: found}


def _kept(patchbay: Client, topic: Topic) -> Iterator[Row]:
    after: str | None = None
    while True:
        page = patchbay(topic.page(after, 200))
        yield from page[topic.name]
        if (after := page["next"]) is None:
            return


def _shown(result: Row) -> None:
    words = {"unchanged": "nothing to do", "would_create": "would be made", "would_change": "would change"}
    said = words.get(result["outcome"], result["outcome"])
    version = f", version {result['version']}" if "version" in result else ""
    begins = f", from {result['valid_from']} on" if "valid_from" in result else ""
    output.people.print(f"{result['id']}: {said}{version}{begins}", highlight=False, markup=False)
    for one in result["differences"]:
        values = " → ".join(output.written(one[side]) for side in ("before", "after") if side in one)
        line = f"  {SIGNS[one['what']]} {one['pointer']}: {values}"
        output.people.print(line, highlight=False, markup=False, soft_wrap=True)


def _refused(topic: Topic, file: Path, id_: str, refused: PatchbayError) -> None:
    """What is wrong, with its place in the file."""
    place = pointer(topic.name, id_)
    faults = [
        {**fault, "pointer": place + str(fault.get("pointer", "")).removeprefix(topic.under)}
        for fault in refused.problem.get("errors", ())
    ]
    problem = {**refused.problem, "errors": faults}
    if output.told({"id": id_, "outcome": "refused", "error": problem}):
        return
    output.say(f"{id_}: refused: {problem.get('title', refused)}" + _more(problem))
    for fault in faults:
        output.say(f"  {file}: {fault['pointer']}: {fault.get('message', '')} – {fault.get('remedy', '')}")


def _more(problem: Row) -> str:
    return f": {problem['detail']}" if problem.get("detail") else ""
