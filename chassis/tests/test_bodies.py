"""How deep JSON may be nested, whatever stands in its texts."""

import pytest

from patchbay_chassis.bodies import DEEPEST, check_depth
from patchbay_chassis.problems import Problem


def nested(levels: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * levels + closing * levels


def refused(body: bytes) -> int | None:
    """The status that it is refused with, if it is."""
    try:
        check_depth(body)
    except Problem as problem:
        return problem.status
    return None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        nested(DEEPEST),
        nested(DEEPEST, b'{"a":', b"}").replace(b":}", b":1}"),
        b"[" + b",".join([b"[[]]"] * 1_000) + b"]",
        b'["' + b"[" * 1_000 + b'"]',
        rb'["\"' + b"[" * 1_000 + b'"]',
    ],
)
def test_what_is_not_too_deep_is_let_through(body: bytes) -> None:
    assert refused(body) is None


@pytest.mark.parametrize(
    "body", [nested(DEEPEST + 1), nested(1_000), nested(20, b'[{"a":', b"}]").replace(b":}", b":1}")]
)
def test_what_is_deeper_than_anybody_means_is_refused(body: bytes) -> None:
    assert refused(body) == 422


@pytest.mark.parametrize("body", [b"[" * 1_000, b"[}" * 1_000, b'"' + b"[" * 1_000])
def test_what_is_no_json_is_left_to_its_reader(body: bytes) -> None:
    assert refused(body) is None
