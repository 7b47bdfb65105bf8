"""A form as it is sent, also as no browser would send it: bytes that are no text, fields twice, files."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote_plus, unquote_to_bytes, urlsplit

import httpx

from .bad_values import File, Typed
from .walking import Met

EDGE = "----a-boundary"
Fields = Mapping[str, Typed]


async def send(met: Met, fields: Fields) -> httpx.Response:
    """What the gateway answers to the form with these fields; it follows nothing."""
    client, action = met.visitor.client, met.form.action
    if met.form.method == "get":
        return await client.get(f"{urlsplit(action).path}?{_encoded(fields).decode('ascii')}")
    if met.form.multipart:
        body, kind = _parts(fields), f"multipart/form-data; boundary={EDGE}"
    else:
        body, kind = _encoded(fields), "application/x-www-form-urlencoded"
    return await client.post(action, content=body, headers={"Content-Type": kind})


def _each(fields: Fields) -> Iterator[tuple[str, str | bytes | File]]:
    for name, value in fields.items():
        if isinstance(value, list):
            yield from ((name, one) for one in value)
        elif value is not None:
            yield name, value


def _encoded(fields: Fields) -> bytes:
    def written(value: str | bytes | File) -> bytes:
        plain = value.name if isinstance(value, File) else value
        return plain if isinstance(plain, bytes) else quote_plus(plain).encode()

    return b"&".join(quote_plus(name).encode() + b"=" + written(value) for name, value in _each(fields))


def _parts(fields: Fields) -> bytes:
    """Line ends in names are written as browsers do."""

    def part(name: str, value: str | bytes | File) -> bytes:
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(value, File):
            head += f'; filename="{_quoted(value.name)}"\r\nContent-Type: text/csv'
            return head.encode() + b"\r\n\r\n" + value.content + b"\r\n"
        raw = unquote_to_bytes(value) if isinstance(value, bytes) else value.encode()
        return head.encode() + b"\r\n\r\n" + raw + b"\r\n"

    return b"".join(part(name, value) for name, value in _each(fields)) + f"--{EDGE}--\r\n".encode()


def _quoted(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
