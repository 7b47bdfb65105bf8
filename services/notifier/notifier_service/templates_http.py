"""Templates as an administrator writes them, and what a mail would look like."""

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from notifier_service import composing, placeholders, template_queries, templates
from notifier_service.placeholders import BadTemplate
from patchbay_chassis import bodies
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.mail_templates import (
    Preview,
    PreviewQuery,
    PutTemplate,
    Template,
    TemplateKey,
    TemplateQuery,
    Templates,
    TemplateText,
    TemplateVersions,
)


def routes(running: Running) -> APIRouter:
    """Everything under /templates."""
    api = APIRouter(prefix="/templates")

    @api.post("/list")
    async def list_(request: Request) -> Response:
        asked = await bodies.read(request, TemplateQuery)
        async with running.database.connection() as db:
            written = await template_queries.in_force(db, asked.reseller, [asked.purpose] if asked.purpose else None)
        found = tuple(templates.in_force(written, asked.purpose))
        return bodies.said(Templates(templates=found, placeholders=tuple(placeholders.names())))

    @api.post("/get")
    async def get(request: Request) -> Response:
        key = await bodies.read(request, TemplateKey)
        async with running.database.connection() as db:
            return bodies.said(TemplateVersions(versions=tuple(await template_queries.versions(db, key))))

    @api.post("/put")
    async def put(request: Request) -> Response:
        asked = await bodies.read(request, PutTemplate)
        if asked.template is not None:
            check(asked.template)
        return bodies.said(await running.turns.carry_out(lambda turn: write(turn.db, asked)))

    @api.post("/preview")
    async def preview(request: Request) -> Response:
        asked = await bodies.read(request, PreviewQuery)
        written: list[Template] = []
        if asked.typed is None and asked.template is None:
            async with running.database.connection() as db:
                purposes = [asked.purpose, templates.GENERAL]
                written = await template_queries.in_force(db, asked.reseller, purposes)
        return bodies.said(await asyncio.to_thread(previewed, asked, written))

    return api


async def write(db: Connection, asked: PutTemplate) -> Template:
    """Write the next version, if nobody wrote one since `asked.version`. The same again changes nothing."""
    newest = next(iter(await template_queries.versions(db, asked.key, 1)), None)
    if newest is not None and newest.template == asked.template:
        return newest
    there = newest.version if newest else 0
    if there != asked.version or not await template_queries.put(db, asked):
        detail = f"Version {there} is the newest by now: look at it, and write yours to replace that."
        raise Problem(409, "Somebody else wrote this template meanwhile", detail)
    return (await template_queries.versions(db, asked.key, 1))[0]


def check(template: TemplateText) -> None:
    """Raises Problem for what a template may not name or do, in its subject or its text."""
    faults = []
    for field, source in (("subject", template.subject), ("text", template.text)):
        try:
            placeholders.checked(source)
        except BadTemplate as error:
            faults.append(_fault(f"/template/{field}", error))
    if faults:
        raise Problem(422, "The template is not valid", errors=faults)


def previewed(asked: PreviewQuery, written: list[Template]) -> Preview:
    """Exactly what would be sent. Raises Problem for a template that cannot be filled in, and for too much attached."""
    key, text = None, asked.typed
    if text is not None:
        subject, body = composing.one_line(text.subject), text.text
    else:
        text = asked.template
        if text is None:
            type_ = templates.service_type(asked.facts)
            keys = templates.wanted(asked.purpose, asked.reseller, asked.kind, type_, asked.language)
            best = templates.best(keys, written)
            key, text = best.key, best.template
            assert text is not None
        check(text)
        try:
            prices = asked.kind in composing.SEES_PRICES
            subject, body = composing.from_template(text, placeholders.facts_of(asked, prices))
        except BadTemplate as error:
            raise Problem(422, "The template is not valid", errors=[_fault("/template/text", error)]) from None
    try:
        attached = composing.attachments(asked.attachments, asked.facts, asked.kind, None)
    except composing.TooLarge as error:
        raise Problem(422, "The mail is too large", errors=[_fault("/attachments", error)]) from None
    html = composing.html_of(subject, body, text.html, asked.language)
    shown = tuple(one.shown for one in attached)
    return Preview(subject=subject, text=body, html=html, attachments=shown, from_template=key)


def _fault(pointer: str, error: ValueError) -> dict[str, str]:
    message, _, remedy = str(error).rpartition(": ")
    return {"pointer": pointer, "message": message or remedy, "remedy": remedy}
