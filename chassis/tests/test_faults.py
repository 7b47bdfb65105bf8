"""What is wrong with a document: in words for people, with what to do, and never with what was given."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, ValidationError, model_validator

from patchbay_chassis.problems import faults
from patchbay_contracts.message import PLAIN
from patchbay_contracts.patterns import pattern


class Strict(BaseModel):
    """A field that nobody reads is refused."""

    model_config = ConfigDict(extra="forbid")


class Post(Strict):
    """A way to deliver."""

    by: Literal["post"]
    postcode: Annotated[str, pattern("^[A-Z]+$", "write capital letters")] = "B"
    note: Annotated[str, Field(pattern=PLAIN)] = ""


class Courier(Strict):
    """Another way."""

    by: Literal["courier"]
    instructions: str = ""


class Parcel(Strict):
    """What is sent."""

    code: SecretStr = Field(min_length=4)
    weights: tuple[int, ...] = ()
    delivery: tuple[Annotated[Post | Courier, Field(discriminator="by")], ...] = ()
    stamps: tuple[int, ...] = Field(default=(1,), min_length=1, max_length=3)

    @model_validator(mode="after")
    def _is_heavy(self) -> "Parcel":
        if len(self.weights) > 2:
            raise ValueError("too heavy: send two parcels")
        return self


def of(document: dict[str, JsonValue]) -> list[tuple[str, str, str]]:
    """The faults of a parcel: place, message, remedy."""
    with pytest.raises(ValidationError) as refused:
        Parcel.model_validate({"code": "1234"} | document)
    return [(one["pointer"], one["message"], one["remedy"]) for one in faults(refused.value, kind=Parcel)]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (
            {"wieghts": [1]},
            ("/wieghts", "there is no such field", "call it weights if that is what you mean, or remove it"),
        ),
        (
            {"delivery": [{"by": "courier", "instruction": ""}]},
            (
                "/delivery/0/courier/instruction",
                "there is no such field",
                "call it instructions if that is what you mean, or remove it",
            ),
        ),
        (
            {"delivery": [{"by": "post", "colour": "red"}]},
            (
                "/delivery/0/post/colour",
                "there is no such field",
                "remove this field, or see how it is spelled in /openapi.json",
            ),
        ),
        (
            {"delivery": [{"by": "post", "postcode": "b15"}]},
            ("/delivery/0/post/postcode", "not written as it should be", "write capital letters"),
        ),
        (
            {"delivery": [{"by": "post", "note": "a\nb"}]},
            ("/delivery/0/post/note", "Text has no control characters", "remove tabs, line breaks and the like"),
        ),
        ({"weights": [1, 2, 3]}, ("", "too heavy", "send two parcels")),
        ({"stamps": []}, ("/stamps", "List should have at least 1 item, not 0", "give more of them")),
        (
            {"stamps": [1, 2, 3, 4]},
            ("/stamps", "List should have at most 3 items, not 4", "leave some out, or ask in parts"),
        ),
        (
            {"stamps": ["x"]},  # and not that there are too few of them
            (
                "/stamps/0",
                "Input should be a valid integer, unable to parse string as an integer",
                "write a whole number",
            ),
        ),
        ({"code": "123"}, ("/code", "String should have at least 4 characters", "give it more characters")),
        (
            {"delivery": [{"by": "my secret"}]},
            ("/delivery/0", "'by' should be 'post', 'courier'", "see this field in /openapi.json"),
        ),
    ],
)
def test_a_fault_says_what_is_wrong_and_what_to_do(document: dict[str, JsonValue], fault: tuple[str, str, str]) -> None:
    assert of(document) == [fault]


def test_one_pattern_has_one_remedy() -> None:
    with pytest.raises(ValueError, match="two remedies"):
        pattern("^[A-Z]+$", "write something else")
