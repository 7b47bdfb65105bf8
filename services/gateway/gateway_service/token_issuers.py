"""Identity providers whose tokens are believed, as they are configured."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway_service.keys import Scope

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""By a pair of keys alone: whoever checks a token cannot make one."""


class TokenIssuer(BaseModel):
    """A provider. `resellers` and `scopes` translate what its claims name; empty, they are taken as they stand. No
    token gives more than `grants`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    audience: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    jwks_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "PS256", "ES256", "EdDSA")
    reseller_claim: str = "reseller"
    resellers: Mapping[str, str] = {}
    scope_claim: str = "scope"
    scopes: Mapping[str, tuple[Scope, ...]] = {}
    grants: tuple[Scope, ...] = ("orders", "numbers", "read", "events", "webhooks", "tmf")
