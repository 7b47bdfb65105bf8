"""What OpenAPI says about amending orders."""

from gateway_service import etags
from gateway_service.amending import Amend
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.orders_openapi import SHOWN

MODELS = (Amend,)
_LINKS = {"type": "object", "required": ["self"], "properties": {"self": {"type": "string"}}}
SCHEMAS = {
    "Amending": object_of(id={"type": "string", "format": "uuid"}, state={"const": "amending"}, links=_LINKS),
}
AMEND = route(
    "Amend an order",
    "While it waits for numbers (`back_ordered`): until when, which numbers a line wants and whether the order goes on"
    " without it, who is written to. `If-Match` is the ETag with which the whole order was read: 412 if it is another"
    " one by now. It is tried again at once, as it is then; follow it at `Location`, where `amend` says whether the"
    " amendment was `done`, was `refused` for a reason (the order waits on as it was), or came `too_late`, as the order"
    " had its numbers. An order in any other state is 409, with what to do instead.",
    answers(
        "It is being amended",
        content(ref("Amending"), {"id": SHOWN["id"], "state": "amending", "links": SHOWN["links"]}),
        401, 403, 404, 409, 412, 413, 415, 422, 428, 503, status=202,
    ),
    content(ref("Amend"), {"until": "2027-03-31", "lines": [{"line": 0, "numbers": {"count": 2, "prefix": "0121"}}]}),
    [etags.SEEN_TAG],
)  # fmt: skip
