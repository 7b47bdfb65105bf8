"""What lists have in common: filters by day, addresses of pages, and the download of all of it as CSV."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from gateway_service import exporting
from gateway_service.pages import site
from gateway_service.pages.language import gettext as _
from patchbay_chassis.streamed import Streamed

BOM = "\N{BYTE ORDER MARK}"
"""Before each CSV that a page hands out: by it spreadsheets know that it is in UTF-8. Programs, which the API is for,
would take it for a part of the first column's name."""
FIRST_YEAR, LAST_YEAR = 1970, 2200


class Filters:
    """What a list was asked for, as it was typed. What is wrong is gathered in `errors` by the field's id."""

    def __init__(self, request: Request, *names: str) -> None:
        self.typed = {name: request.query_params.get(name, "").replace("\0", "").strip() for name in names}
        self.after = request.query_params.get("after") or None
        self.errors = dict[str, str]()
        self._zone = ZoneInfo(site.of(request).settings.time_zone)
        self._path = request.url.path.removesuffix(".csv")

    def __getitem__(self, name: str) -> str:
        return self.typed[name]

    @property
    def any(self) -> bool:
        """Whether it is not simply all that is asked for."""
        return any(self.typed.values())

    def choice(self, name: str, choices: Iterable[str]) -> str | None:
        """What was chosen; None for nothing."""
        if self[name] and self[name] not in choices:
            self.errors[name] = _("Choose one of the list")
            return None
        return self[name] or None

    def day(self, name: str, *, over: bool = False) -> datetime | None:
        """When a day begins here, or is over; None for no day."""
        if not self[name]:
            return None
        try:
            day = date.fromisoformat(self[name])
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.errors[name] = _("Enter a day such as 2026-06-01")
            return None
        return datetime.combine(day + timedelta(days=1 if over else 0), datetime.min.time(), self._zone)

    def page(self, after: str | None) -> str | None:
        """The address of the page that begins there; none, if there is none."""
        return None if after is None else f"{self._path}?{urlencode(self._given() | {'after': after})}"

    @property
    def first(self) -> str | None:
        """The address of the first page, from a later one."""
        return None if self.after is None else f"{self._path}?{urlencode(self._given())}"

    @property
    def download(self) -> str:
        """The address of the same as CSV."""
        return f"{self._path}.csv?{urlencode(self._given())}"

    def _given(self) -> dict[str, str]:
        return {name: value for name, value in self.typed.items() if value}


async def download(name: str, head: Sequence[str], pages: AsyncGenerator[Iterable[Sequence[object]]]) -> Response:
    """The rows as CSV, page by page while it is sent. No cell begins as a spreadsheet's formula does. What goes wrong
    with the first page is still an answer of its own; later it breaks the download off."""
    first = await anext(pages, ())

    async def body() -> AsyncGenerator[bytes]:
        yield (BOM + exporting.lines([head])).encode()
        yield exporting.lines(first).encode()
        async for page in pages:
            yield exporting.lines(page).encode()

    response = Streamed(body(), "text/csv; charset=utf-8")
    response.headers.update(site.HEADERS | {"Content-Disposition": f'attachment; filename="{name}.csv"'})
    return response
