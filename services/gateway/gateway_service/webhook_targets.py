"""Where events may be sent: no target inside the house, whatever its name resolves to at the moment of sending."""

import asyncio
import socket
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from gateway_service.settings import settings

Address = IPv4Address | IPv6Address
_NAT64 = ip_network("64:ff9b::/96")
LIMIT = 5.0
"""Seconds for a name to be resolved when a webhook is made."""


class Unfit(ValueError):
    """Not a URL that can be a target; the text is the remedy."""


class Forbidden(OSError):
    """The target is not one that events may be sent to; the text says why, and not more than its owner may know."""


def is_allowed(address: str) -> bool:
    """Whether it is a public address, or of a network that the settings allow."""
    return _is_allowed(address, settings().webhook_networks)


def _is_allowed(address: str, networks: str) -> bool:
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found in network for network in _networks(networks)):
        return True
    return all(one.is_global and not (one.is_multicast or one.is_reserved) for one in (found, *_inner(found)))


def _inner(address: Address) -> list[Address]:
    """IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    inner = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in inner if one is not None]


@cache
def _networks(given: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one.strip()) for one in given.split(",") if one.strip())


class Checked(AbstractResolver):
    """Resolves names to addresses that are allowed, and to no others: the connection goes to just these."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if is_allowed(one["host"])]
        if not allowed:
            raise Forbidden(f"{host} has no address that events may be sent to")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def check(url: str) -> SplitResult:
    """The URL's parts. Raises Unfit, for one that cannot be a target whatever it resolves to."""
    told = settings()
    return _checked(url, told.webhook_http, told.webhook_networks)


@lru_cache(maxsize=10_000)
def _checked(url: str, http: bool, networks: str) -> SplitResult:
    if not url.isascii() or any(c <= " " or c in '\\"<>^`{|}\x7f' for c in url):
        raise Unfit("not a URL: write it in ASCII, others than letters and digits percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unfit("not a URL: write it as https://host/path") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and http):
        raise Unfit("only https is sent to: give a URL that begins with https://")
    if not parts.hostname:
        raise Unfit("no host is named: write it as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise Unfit("no user name or password can be in it: the signature says who sends")
    if parts.fragment:
        raise Unfit("what follows # is never sent: leave it out")
    if port == 0:
        raise Unfit("there is no port 0: leave it out, or name one")
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        return parts
    if not _is_allowed(str(literal), networks):
        raise Unfit("not an address that events may be sent to: give a public one")
    return parts


async def check_now(url: str) -> None:
    """The same, and its name resolves to something that is allowed. Raises Unfit."""
    parts = check(url)
    try:
        async with asyncio.timeout(LIMIT):
            await Checked().resolve(parts.hostname or "", parts.port or 443)
    except Forbidden:
        raise Unfit("the host has no public address: give one that has") from None
    except (OSError, TimeoutError):
        raise Unfit("the host cannot be found: see how it is spelled") from None
