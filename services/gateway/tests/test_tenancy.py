"""Nobody learns anything of another reseller's things, whatever operation he tries and whatever key he has."""

import re
from uuid import uuid4

import pytest

from gateway_service.door import API

from .behind import Behind
from .conftest import REVOKED, Gateway
from .documented import EXPIRED, MASTER, NO_SCOPE, RESOURCES, RIVAL, Document
from .everything import Everything

IDS = re.compile(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-)?[0-9a-f]{12}|(?<=[+])49\d+")


@pytest.fixture
async def document(behind: Behind, gateway: Gateway) -> Document:
    Everything(behind)
    document = await Document.of(gateway)
    await document.more()
    await document.tmf()
    return document


async def test_what_is_tried_is_there_for_whom_it_belongs_to(document: Document) -> None:
    for start, id_ in document.made.items():
        if start != "version":
            answer = await document.gateway.client.get(f"{start}/{id_}", headers={"X-API-Key": MASTER})
            assert answer.status_code == 200, f"{start}: {answer.text}"


async def test_another_resellers_ids_are_answered_like_ids_that_are_not_there(document: Document) -> None:
    unknown = {start: str(uuid4()) for start in document.made} | {"/v1/keys": uuid4().hex[:12]}
    unknown |= {f"{RESOURCES}/resource": "+4930901821"}
    for one in document.operations(API):
        if "{id}" not in one.path or one.path.startswith("/v1/inventory"):
            continue
        answers = []
        for ids in (document.made, unknown):
            answer = await document.call(one, document.address(one, ids), **{"X-API-Key": RIVAL})
            document.check(one, answer)
            answers.append((answer.status_code, IDS.sub("", answer.text)))
        assert answers[0] == answers[1], f"{one.method} {one.path}"
        assert "Ada" not in answers[0][1], f"{one.method} {one.path}"


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("unknown", 401), (REVOKED, 401), (EXPIRED, 401), (NO_SCOPE, 403)]
)
async def test_a_key_that_will_not_do_learns_nothing(
    document: Document, gateway: Gateway, key: str, status: int
) -> None:
    """Not even whether an id is there."""
    for one in document.operations(API):
        texts = set[str]()
        for ids in (document.made, {}):
            answer = await document.call(one, document.address(one, ids), **{"X-API-Key": key})
            assert answer.status_code == status, f"{one.method} {one.path}: {answer.text}"
            document.check(one, answer)
            texts.add(answer.text)
        assert len(texts) == 1, f"{one.method} {one.path}"
