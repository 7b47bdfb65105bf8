"""What the gateway asks of other services over HTTP: search replicas, and the owners of numbers, prices, customers,
services and mails.

aiohttp's client costs a fraction of what httpx does for each call (docs/adr/0021).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

import aiohttp
import orjson
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import metrics
from gateway_service.flow import Flow
from gateway_service.recent import Recent
from gateway_service.replicas import Replica, Replicas
from gateway_service.settings import Settings
from patchbay_chassis import problems
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_contracts.message import Frozen
from patchbay_contracts.numbers import Asked, SearchQuery

GONE = (aiohttp.ClientError, TimeoutError)
"""How it shows that a service cannot be reached, broke off, or took too long."""
CONNECT = 1.0
KEEP = 4.0
"""Seconds. Servers drop an idle connection after five; one that is just being dropped must not be used again."""
REST = 1.0
"""Seconds for which an owner is not asked that let somebody wait in vain: a page with many questions waits once."""
AGAIN = {"Retry-After": "1"}
SAFE = "It may have been done: it is safe to send it again."
_JSON = {"Content-Type": "application/json"}

Owner = Literal["numbers", "billing", "customer", "provisioning", "notifier"]


class Answer(NamedTuple):
    """What a service said, once it is whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Away(Problem):
    """A `service` did not answer: an owner, or "search" for all search replicas."""

    def __init__(self, service: str, title: str, detail: str, *, code: str = "") -> None:
        super().__init__(503, title, detail, headers=AGAIN, code=code)
        self.service = service


class _Owner:
    """Where it is asked. One that let somebody wait in vain, and answered nobody else meanwhile, rests for a moment."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers = 0
        self.rests_until = 0.0


class Upstream:
    """The services behind the gateway. What they refuse is raised as Problem, and so is that they cannot be reached.
    `recent` is for pages that show what changes seldom."""

    _session: aiohttp.ClientSession

    def __init__(self, settings: Settings) -> None:
        self.recent = Recent(self)
        self._owners: dict[Owner, _Owner] = {
            "numbers": _Owner(settings.numbers_url),
            "billing": _Owner(settings.billing_url),
            "customer": _Owner(settings.customer_url),
            "provisioning": _Owner(settings.provisioning_url),
            "notifier": _Owner(settings.notifier_url),
        }
        self._replicas = Replicas(settings.search_urls.split(","))
        self._search_limit = _limit(settings.search_limit.total_seconds())
        self._answer_limit = _limit(settings.answer_limit.total_seconds())
        self._silence_limit = settings.silence_limit.total_seconds()

    async def __aenter__(self) -> Self:
        # No limit of connections: those to a replica that hangs must not keep others from being asked.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def search(self, query: Frozen) -> bytes:
        """What a replica finds. Raises Problem 503 when none can be asked, 504 when it takes too long."""
        return await self._of_a_replica("/search", query, self._search_limit)

    async def availability(self, query: Frozen) -> bytes:
        """What orders would get, as a replica sees it; for many that takes longer than a search. Raises Problem."""
        return await self._of_a_replica("/availability", query, self._answer_limit)

    async def _of_a_replica(self, path: str, query: Frozen, limit: aiohttp.ClientTimeout) -> bytes:
        body = _written(query)
        for replica in self._replicas.in_turn():
            answers = replica.answers
            try:
                answer = await self._post(replica.url + path, body, limit)
            except GONE as error:
                if isinstance(error, TimeoutError) and replica.answers > answers:  # others would have it no easier
                    detail = "Ask for fewer numbers, or leave exact_counts out. Other searches were answered meanwhile."
                    raise Problem(504, "The search takes too long", detail) from None
                replica.rest(repr(error))
                continue
            if answer.status == 503:
                replica.rest("not ready")
                continue
            replica.answered()
            return _good(answer)
        metrics.unanswered.inc()
        detail = "No search replica can be asked. Try again soon."
        raise Away("search", "No search just now", detail, code="no_search")

    async def replicas_now(self) -> list[dict[str, Any]]:
        """Each search replica: whether it answers, and how old its answers are (`age_ms`, null if it gives none)."""
        return list(await asyncio.gather(*(self._how_is(replica) for replica in self._replicas.all)))

    async def _how_is(self, replica: Replica) -> dict[str, Any]:
        found: dict[str, Any] = {"url": replica.url, "state": "gone", "age_ms": None, "changes": None}
        one = Asked[SearchQuery](reseller="operations", query=SearchQuery(count=1))
        try:
            answer = await self._post(replica.url + "/search", _written(one), self._search_limit)
        except GONE:
            return found
        if answer.status != 200:
            return found | {"state": "behind"}
        as_of = orjson.loads(answer.body)["as_of"]
        return found | {"state": "answers", "age_ms": as_of["age_ms"], "changes": as_of["changes"]}

    async def ask(self, service: Owner, path: str, query: Frozen | bytes, advice: str = SAFE) -> bytes:
        """What a service answers to `POST path`, once: what was asked may be done although nothing comes back.

        Raises Problem with what the service refused; 503 and the `advice` when it cannot be reached; 502 when it knows
        no such route or breaks. A 404 is a refusal only if it has a code of its own, or names its
        faults.
        """
        owner = self._owners[service]
        if time.monotonic() < owner.rests_until:
            raise unreachable(service, TimeoutError("a moment ago"), advice)
        answers = owner.answers
        try:
            body = query if isinstance(query, bytes) else _written(query)
            answer = await self._post(owner.url + path, body, self._answer_limit)
        except GONE as error:
            if isinstance(error, TimeoutError) and owner.answers == answers:
                owner.rests_until = time.monotonic() + REST
            raise unreachable(service, error, advice) from None
        owner.answers += 1
        return _good(answer)

    async def inventory(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        body: AsyncIterator[bytes] | None,
    ) -> tuple[aiohttp.ClientResponse, Flow]:
        """The head of what the numbers service answers, and the flow by which its body is read.

        It may come while the body goes on being sent. Raises ClientDisconnect when the caller went away meanwhile.
        """
        flow = Flow(self._silence_limit)
        asked = self._session.request(
            method,
            self._owners["numbers"].url + path,
            params=query,
            headers=headers,
            data=None if body is None else flow.sent(body),
            timeout=_limit(None),
            allow_redirects=False,
        )
        try:
            answer = await flow.moving(asked)
            if answer.status >= 400:
                async with answer:
                    refused = await flow.moving(answer.read())
                raise refusal(Answer(answer.status, answer.headers, refused))
        except GONE as error:
            flow.check()
            raise unreachable("numbers", error, "It may have been done in part: it is safe to send it again.") from None
        return answer, flow

    async def _post(self, url: str, body: bytes, limit: aiohttp.ClientTimeout) -> Answer:
        asked = self._session.post(url, data=body, headers=_JSON, timeout=limit, allow_redirects=False)
        async with asked as answer:
            return Answer(answer.status, answer.headers, await answer.read())


def _written(query: Frozen) -> bytes:
    return query.model_dump_json().encode()


def _limit(seconds: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT)


def unreachable(service: str, error: BaseException, advice: str) -> Away:
    """A service did not answer."""
    log.warning("upstream.gone", service=service, error=repr(error))
    return Away(service, "Try again soon", f"The {service} service did not answer. {advice}")


def answer_misunderstood(api: FastAPI) -> None:
    """An answer that is not what its contract says is a fault behind the gateway. What callers send is checked where it
    is read, so nothing else is left to be found invalid here."""

    @api.exception_handler(ValidationError)
    async def not_understood(request: Request, error: ValidationError) -> Response:
        faults = error.errors(include_url=False, include_context=False, include_input=False)[:5]
        log.error("upstream.not_understood", path=request.url.path, kind=error.title, faults=repr(faults))
        return _other_release().response()


def _other_release() -> Problem:
    detail = "A service is of another release. Try again later."
    return Problem(502, "Not understood behind the gateway", detail, code="other_release")


def _good(answer: Answer) -> bytes:
    if answer.status == 200:
        return answer.body
    refused = refusal(answer)
    nameless = refused.body["type"] == problems.type_of(answer.status)
    if answer.status in (404, 405) and nameless and not refused.body.get("errors"):
        # The route is missing: it is not the caller who asked for something odd.
        log.error("upstream.has_no_route", status=answer.status, body=answer.body[:200])
        raise _other_release()
    raise refused


def refusal(answer: Answer) -> Problem:
    """What a service refused, as the gateway's caller sees it: pointers lead into the body that the caller sent."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or not answer.headers.get("Content-Type", "").startswith(problems.KIND):
        log.error("upstream.failed", status=answer.status, body=answer.body[:200])
        return Problem(502, "Something broke behind the gateway", "This is a fault of ours, and was noted.")
    for fault in body.get("errors", ()):
        if "pointer" in fault:
            fault["pointer"] = _public(fault["pointer"])
    again = answer.headers.get("Retry-After")
    problem = Problem(answer.status, "", headers={"Retry-After": again} if again else None)
    if not str(body.get("type", "")).startswith(problems.TYPES):
        body["type"] = problem.body["type"]
    problem.body = body
    return problem


def _public(pointer: Any) -> str:
    """`/query/prefix` is `/prefix` to whoever posted the query alone."""
    text = str(pointer)
    return text.removeprefix("/query") if text == "/query" or text.startswith("/query/") else text
