"""What the gateway asks the notifier. It is not for the public: it believes which resellers the caller may see."""

import asyncio

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from notifier_service import asked, checking, handlers, model, reading, templates_http
from patchbay_chassis import bodies, problems
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.mails import MailAttachment, MailQuery, OneMail, SendAgain
from patchbay_contracts.validity import Findings, ValidityQuery


def app(running: Running) -> FastAPI:
    """The API of a running notifier."""
    api = FastAPI(openapi_url=None)
    problems.install(api)
    api.include_router(templates_http.routes(running))

    @api.post("/mails/search")
    async def search(request: Request) -> Response:
        query = await bodies.read(request, MailQuery)
        async with running.database.connection() as db:
            return bodies.said(await reading.search(db, query))

    @api.post("/mails/get")
    async def get(request: Request) -> Response:
        return await _details(running, await bodies.read(request, OneMail))

    @api.post("/mails/attachment")
    async def attachment(request: Request) -> Response:
        wanted = await bodies.read(request, MailAttachment)
        async with running.database.connection() as db:
            _, mail = await reading.one(db, wanted)
        made = {one.name: one for one in await asyncio.to_thread(model.attachments, mail)}
        if (found := made.get(wanted.name)) is None:
            raise Problem(
                404, "No such attachment", f"The mail has {', '.join(made) or 'none'}.", code="no_such_attachment"
            )
        headers = {"Content-Disposition": f'attachment; filename="{found.name}"', "X-Content-Type-Options": "nosniff"}
        return Response(found.content, media_type=found.media_type, headers=headers)

    @api.post("/mails/again")
    async def again(request: Request) -> Response:
        wanted = await bodies.read(request, SendAgain)
        await running.turns.carry_out(lambda turn: asked.send_again(turn.db, wanted))
        handlers.to_send.look()
        return await _details(running, wanted)

    @api.post("/validity")
    async def validity(request: Request) -> Response:
        query = await bodies.read(request, ValidityQuery)
        async with running.database.connection() as db:
            named = [mail.recipient.strip() for mail in query.mails] + [one for _, one in checking.addresses(query)]
            known = [address for address in named if address and "\0" not in address]
            bounced = await reading.bounced(db, query.reseller, known) if known else {}
        return bodies.said(Findings(findings=checking.findings(query, bounced)))

    return api


async def _details(running: Running, wanted: OneMail) -> Response:
    async with running.database.connection() as db:
        row, mail, fate = await reading.details(db, wanted)
    return bodies.said(await asyncio.to_thread(reading.shown, row, mail, fate))
