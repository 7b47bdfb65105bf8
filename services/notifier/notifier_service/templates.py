"""Which template a mail is made from: a reseller's own before the house's, one for its services' type before one for
all, and at last what comes with the release."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from notifier_service import composing
from notifier_service.placeholders import BadTemplate
from patchbay_contracts.mail_templates import Template, TemplateKey, TemplateText
from patchbay_contracts.mails import MailFacts, RecipientKind

HOUSE_LANGUAGE = "en-GB"
GENERAL = "general"
"""What a mail for a purpose of which the release knows nothing begins with."""


@cache
def built_in() -> Mapping[TemplateKey, TemplateText]:
    """What comes with the release: `templates/LANGUAGE/PURPOSE.txt`, or `PURPOSE.KIND.txt` for a kind of recipient; the
    first line is the subject."""
    found: dict[TemplateKey, TemplateText] = {}
    for folder in files("notifier_service").joinpath("templates").iterdir():
        if not folder.is_dir():
            continue
        for file in folder.iterdir():
            purpose, _, kind = file.name.removesuffix(".txt").partition(".")
            subject, _, text = file.read_text(encoding="utf-8").partition("\n")
            key = TemplateKey.model_validate({"purpose": purpose, "kind": kind or None, "language": folder.name})
            found[key] = TemplateText(subject=subject.removeprefix("Subject:"), text=text.lstrip("\n"))
    return found


def in_force(written: Iterable[Template], purpose: str | None) -> list[Template]:
    """What was written, and what comes with the release where the house wrote nothing itself."""
    mine = {one.key: one for one in written}
    release = (Template(key=key, version=0, template=text) for key, text in built_in().items())
    all_ = {one.key: one for one in release if purpose in (None, one.key.purpose)} | mine
    return sorted(all_.values(), key=lambda one: _by_name(one.key))


def _by_name(key: TemplateKey) -> tuple[str, ...]:
    return (key.purpose, key.reseller or "", key.kind or "", key.service_type or "", key.language)


def service_type(facts: MailFacts) -> str | None:
    """The type of the services, if all have the same."""
    types = {service.service_type for service in facts.services}
    return types.pop() if len(types) == 1 else None


def wanted(purpose: str, reseller: str, kind: RecipientKind, type_: str | None, language: str) -> list[TemplateKey]:
    """The keys that will do, the best first. A reader's language matters most: a text in it that is not the reseller's
    own is better than one that cannot be read."""
    types = (type_, None) if type_ else (None,)
    return [
        TemplateKey(purpose=of, reseller=owner, service_type=t, kind=k, language=spoken)
        for of in (purpose, GENERAL)
        for spoken in dict.fromkeys((language, HOUSE_LANGUAGE))
        for owner in (reseller, None)
        for t in types
        for k in (kind, None)
    ]


def best(keys: Sequence[TemplateKey], written: Iterable[Template]) -> Template:
    """The first of these that there is."""
    mine = {one.key: one for one in written}
    for key in keys:
        if key in mine:
            return mine[key]
        if key in built_in():
            return Template(key=key, version=0, template=built_in()[key])
    raise LookupError("the release has a general template in the language of the house")


def fill(keys: Sequence[TemplateKey], written: Iterable[Template], facts: dict[str, Any]) -> dict[str, Any]:
    """Subject and text of a mail, as it keeps them, by the first of these templates that there is."""
    text = best(keys, written).template
    assert text is not None
    try:
        subject, body = composing.from_template(text, facts)
    except BadTemplate:  # it became too long: the release's own is not
        text = best(keys, ()).template
        assert text is not None
        subject, body = composing.from_template(text, facts)
    return {"subject": subject, "text": body, "html": text.html, "language": HOUSE_LANGUAGE, "attachments": []}
