"""Access tokens: our own, which `POST /oauth/token` gives for a key, and those of identity providers.

Both are JWTs. Which keys and algorithms a token is checked with is decided by who it says has issued it, never by the
algorithm that it names.
"""

import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from pydantic import TypeAdapter, ValidationError

from gateway_service import sealing
from gateway_service.jwks import Jwks
from gateway_service.keys import Caller, Foreign, Own
from gateway_service.settings import Settings
from gateway_service.token_issuers import TokenIssuer
from patchbay_contracts.words import Reseller

LEEWAY = 30
"""Seconds that clocks may differ."""
TYPE = "at+jwt"
LONGEST = 8_192
_RESELLER: TypeAdapter[str] = TypeAdapter(Reseller)


class Tokens:
    """Issues tokens, and says what they say."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.public_url
        self._lasts = int(settings.token_lasts.total_seconds())
        self._issuers = {issuer.issuer: (issuer, Jwks(issuer.jwks_url)) for issuer in settings.token_issuers}

    def issue(self, caller: Caller, scopes: frozenset[str]) -> tuple[str, int]:
        """A token for that client with these scopes, and how many seconds it lasts."""
        now = int(time.time())
        claims = {
            "iss": self._issuer, "aud": self._issuer, "sub": caller.id, "client_id": caller.id,
            "scope": " ".join(sorted(scopes)), "iat": now, "nbf": now, "exp": now + self._lasts, "jti": str(uuid4()),
        }  # fmt: skip
        header = {"alg": "HS256", "typ": TYPE}
        return jwt.encode(header, claims, OctKey.import_key(sealing.secrets_for("tokens")[0])), self._lasts

    async def read(self, token: str) -> Own | Foreign | None:
        """What the token says; None for one that is not to be believed. Raises Problem 503 when that cannot be told."""
        if len(token) > LONGEST:
            return None
        issuer = _issuer_in(token)
        try:
            if issuer == self._issuer:
                return self._own(token)
            if issuer in self._issuers:
                return await self._foreign(token, *self._issuers[issuer])
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        return None

    def _own(self, token: str) -> Own | None:
        for secret in sealing.secrets_for("tokens"):
            try:
                found = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"])
            except JoseError:
                continue
            if found.header.get("typ") != TYPE:
                return None
            claims = found.claims
            _registry(self._issuer, self._issuer).validate(claims)
            return Own(str(claims["client_id"]), frozenset(str(claims["scope"]).split()), float(claims["exp"]))
        return None

    async def _foreign(self, token: str, issuer: TokenIssuer, jwks: Jwks) -> Foreign | None:
        header = _part(token, 0)
        if header.get("alg") not in issuer.algorithms or "crit" in header:
            return None
        key = await jwks.key(header.get("kid"))
        if key is None:
            return None
        claims = jwt.decode(token, KeySet([key]), algorithms=list(issuer.algorithms)).claims
        _registry(issuer.issuer, issuer.audience).validate(claims)
        caller = _caller(issuer, claims)
        return caller and Foreign(caller, float(claims["exp"]))


def _registry(issuer: str, audience: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
    )


def _caller(issuer: TokenIssuer, claims: Mapping[str, Any]) -> Caller | None:
    """Whom the claims speak for; None if they name no reseller, or one that the provider may not speak for."""
    named, subject = claims.get(issuer.reseller_claim), claims.get("sub")
    if not isinstance(named, str) or not isinstance(subject, str) or not subject or not subject.isprintable():
        return None
    reseller = issuer.resellers.get(named) if issuer.resellers else named
    try:
        _RESELLER.validate_python(reseller)
    except ValidationError:
        return None
    said = claims.get(issuer.scope_claim, "")
    names = said.split() if isinstance(said, str) else [str(one) for one in said]
    given = {scope for name in names for scope in (issuer.scopes.get(name, ()) if issuer.scopes else (name,))}
    id_ = f"{urlsplit(issuer.issuer).netloc}:{subject}"[:200]
    return Caller(str(reseller), subject[:100], frozenset(given & set(issuer.grants)), id_)


def _issuer_in(token: str) -> str:
    """Who the token says has issued it. Nothing of it is believed yet."""
    try:
        found = _part(token, 1).get("iss", "")
    except ValueError:
        return ""
    return found if isinstance(found, str) else ""


def _part(token: str, which: int) -> dict[str, Any]:
    """Raises ValueError."""
    part = token.split(".")[which]
    found = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - one kind of error for whatever is wrong
    return found
