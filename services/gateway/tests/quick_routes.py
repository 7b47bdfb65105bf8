"""FastAPI works out the field of each parameter anew for each app. Each test has an app of its own with the same 250
routes, so tests work the fields out once: that is half of what an app takes to be made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.dependencies import utils
from fastapi.utils import create_model_field
from pydantic.fields import FieldInfo

_made: dict[str, Any] = {}


@contextmanager
def remembered_fields() -> Iterator[None]:
    """A field that was made from the same is the same one."""
    anew = create_model_field

    def create(*, field_info: FieldInfo, **named: Any) -> Any:
        # A parameter's own repr leaves its bounds out.
        key = repr((field_info, field_info.asdict(), vars(field_info), sorted(named.items())))
        if key not in _made:
            _made[key] = anew(field_info=field_info, **named)
        return _made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "create_model_field", create)
        yield
