"""Structured logs: one JSON object a line, with what the code bound (order id, reseller, message id) in it."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

import orjson

# structlog imports rich where it finds it, to show tracebacks to people. Ours are for programs, and rich is an eighth
# of what the start of a service costs. So structlog is imported here and nowhere before.
_rich = sys.modules.pop("rich", None)
cast(Any, sys.modules)["rich"] = None
import structlog  # noqa: E402

del sys.modules["rich"]
if _rich is not None:
    sys.modules["rich"] = _rich

# Without the frames' variables: they hold what people sent us, PINs among it.
_TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)

HIDDEN = frozenset({"pin", "sealed_pin", "authorization", "x-api-key", "api_key", "password"})

log: structlog.stdlib.BoundLogger = structlog.get_logger()
bound = structlog.contextvars.bound_contextvars
"""Binds fields to all lines that are logged within its block."""


def _hide(_: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A secret that is logged by mistake is not logged."""
    return {field: "[hidden]" if field.lower() in HIDDEN else value for field, value in event.items()}


def set_up(service: str, replica: str, level: str) -> None:
    """Log to standard output from `level` on; libraries from WARNING on."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_TRACEBACKS),
            _hide,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, replica=replica)
    logging.basicConfig(
        stream=sys.stdout, level=max(numeric, logging.WARNING), format="%(name)s %(levelname)s %(message)s"
    )
