"""What every page is made with: who is signed in, forms that cannot be forged, templates, and answers."""

import gzip
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import assets, fault_words, language, settings_form, summary, wording
from gateway_service.pages.form_size import MOST_FIELDS, is_too_large
from gateway_service.pages.language import Languages
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator, Role, Session
from gateway_service.pages.sessions import Sessions, knows, masked
from gateway_service.routes import Routes
from gateway_service.settings import Settings
from patchbay_chassis.database import Database
from patchbay_chassis.problems import Problem

CSRF, CSRF_HEADER = "csrf", "x-csrf-token"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept, Accept-Encoding, Accept-Language, Cookie, HX-Request",
}


class Elsewhere(Exception):
    """The page is another one."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Site:
    """What all pages of a gateway share. `app.state.site` is the one of an app."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.sessions = Sessions(database, settings)
        self.languages = Languages(settings.language, settings.time_zone)
        self.templates = Environment(
            loader=PackageLoader("gateway_service.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        self.templates.install_gettext_callables(  # type: ignore[attr-defined]
            language.gettext, language.ngettext, newstyle=True
        )
        self.templates.globals["_"] = language.marked
        self.templates.globals |= {
            "asset": assets.address,
            "because": wording.because,
            "fault_said": fault_words.said,
            "field_called": wording.field_called,
            "forms": settings_form,
            "logged": wording.logged,
            "noted": wording.noted,
            "quoted": wording.quoted,
            "row_refused": wording.row_refused,
            "remark": wording.remark,
            "problem_said": wording.problem,
            "step_called": wording.step_called,
            "word": wording.word,
        } | summary.names()
        self.templates.filters |= language.filters()


def of(request: Request) -> Site:
    """The site that the request came to."""
    site: Site = request.app.state.site
    return site


async def operator(request: Request) -> Operator:
    """Who is signed in; whoever is not is sent to sign in and comes back. As a dependency: `Depends(site.operator)`."""
    session = await of(request).sessions.find(request)
    if session is None:
        sends = request.method == "POST" and not is_part(request) and request.url.path != "/sign-out"
        was_signed_in = sends or is_part(request) or of(request).sessions.cookie in request.cookies
        ended = {"ended": "sent" if sends else "yes"} if was_signed_in else {}
        raise Elsewhere(f"/sign-in?{urlencode({'next': here(request)} | ended)}")
    return session.operator


Signed = Annotated[Operator, Depends(operator)]


def having(role: Role) -> Callable[[Request], Awaitable[Operator]]:
    """An operator who has that role, as a dependency. Anybody else gets a page that says so, 403."""

    async def having_it(request: Request) -> Operator:
        who = await operator(request)
        if not who.may(role):
            raise Problem(
                403, _("You may not see this page"), _("Ask an administrator of Patchbay for the role it needs.")
            )
        return who

    return having_it


async def session(request: Request) -> Session:
    """The session of whoever is signed in."""
    await operator(request)
    found: Session = request.state.session
    return found


async def check_form(request: Request) -> None:
    """Let no other site send our forms. A dependency of every page."""
    site = of(request)
    await site.sessions.find(request)
    language.speak(site.languages.choose(request.headers.get("accept-language", "")))
    if request.method in {"GET", "HEAD"}:
        return
    if not request.headers.get("content-length", "").isdecimal():
        raise Problem(411, _("The form came without its length"), _("Send it again."))
    if await is_too_large(request, site.settings.most_form_bytes, signed_in=request.state.session is not None):
        raise Problem(413, _("What you sent is too large"), _("Send less, or a smaller file."))
    given = request.headers.get(CSRF_HEADER) or (await request.form(max_fields=MOST_FIELDS)).get(CSRF)
    foreign = is_foreign(request)
    if foreign or not isinstance(given, str) or not knows(given, site.sessions.secret(request)):
        was_signed_in = request.cookies.get(site.sessions.cookie) or foreign is False
        if was_signed_in and not request.url.path.startswith("/sign-in"):
            await operator(request)  # if the session has ended, its secret has with it
        detail = _("It came from another site, or from a page that was open for too long. Go back, reload, try again.")
        raise Problem(403, _("This form cannot be taken"), detail)


def routes(prefix: str = "") -> APIRouter:
    """A router for pages."""
    return Routes(prefix=prefix, include_in_schema=False, dependencies=[Depends(check_form)])


async def form(request: Request) -> "Form":
    """What was typed."""
    return Form(await request.form(max_fields=MOST_FIELDS))


class Form:
    """Fields by name; what was not sent is empty. Texts are without blanks around them."""

    def __init__(self, sent: FormData) -> None:
        self._sent = sent

    def text(self, name: str) -> str:
        """One field's text, on one line or more. NUL, which no database keeps, is left out."""
        found = self._sent.get(name, "")
        return found.replace("\0", "").replace("\r\n", "\n").strip() if isinstance(found, str) else ""

    def exact(self, name: str) -> str:
        """As it was typed: for passwords."""
        found = self._sent.get(name, "")
        return found if isinstance(found, str) else ""

    def all(self, name: str) -> tuple[str, ...]:
        """The values of all boxes of that name that are ticked."""
        return tuple(one for one in self._sent.getlist(name) if isinstance(one, str))

    def ticked(self, name: str) -> bool:
        """Whether there is anything in the field."""
        return bool(self.text(name))

    def file(self, name: str) -> UploadFile | None:
        """A file, if one was chosen."""
        found = self._sent.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None

    def names(self) -> tuple[str, ...]:
        """The names of all fields, without the token."""
        return tuple(name for name in dict.fromkeys(self._sent.keys()) if name != CSRF)


def render(
    request: Request, template: str, status: int = 200, *, errors: Mapping[str, str] | None = None, **context: Any
) -> Response:
    """The page. `errors` are messages by the id of the field: then the title begins with Error, and a summary leads
    to the fields; `labels` are what those are called that are on another page."""
    site = of(request)
    page = written(request, template, errors=errors, **context)
    response = answer(request, page.encode(), status)
    site.sessions.remember_visitor(request, response)
    return response


def written(
    request: Request,
    template: str,
    *,
    errors: Mapping[str, str] | None = None,
    labels: Mapping[str, str] = {},
    **context: Any,
) -> str:
    """The template, or a part of a page, in the language of whoever asks."""
    site = of(request)
    spoken = site.languages.choose(request.headers.get("accept-language", ""))
    language.speak(spoken)
    known: Session | None = getattr(request.state, "session", None)
    shown = summary.Shown(dict(errors or {}), masked(site.sessions.secret(request)), labels)
    summary.begin(shown)
    page = site.templates.get_template(template).render(
        request=request,
        path=request.url.path,
        errors=shown.errors,
        me=known.operator if known else None,
        csrf_token=shown.token,
        language=spoken.tag,
        **context,
    )
    return summary.filled(page, site.templates)


def answer(request: Request, body: bytes, status: int = 200, kind: str = "text/html; charset=utf-8") -> Response:
    """A page or another document for whoever is signed in, compressed."""
    headers = dict(HEADERS)
    if len(body) > 1000 and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, 5), "gzip"
    return Response(body, status, headers, kind)


def go(url: str) -> Response:
    """After a POST: see there."""
    return Response(None, 303, {"Location": url, "Cache-Control": "no-store"})


def again(url: str) -> Response:
    """After a POST: the same form is for that page as well."""
    return Response(None, 307, {"Location": url, "Cache-Control": "no-store"})


def local(url: str) -> str:
    """A path of ours as it was given, or the home page: nobody is sent to another site."""
    parts = urlsplit(url)
    fine = url.startswith("/") and not url.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return url if fine and url.isprintable() and url.isascii() and "\\" not in url else "/"


def address(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client else ""


def is_part(request: Request) -> bool:
    """Whether htmx asks, for a part of the page."""
    return request.headers.get("hx-request") == "true"


def wants_page(request: Request) -> bool:
    """Whether somebody looks at the answer, and not a program."""
    api = request.url.path.startswith(("/v1/", "/tmf-api/"))
    return not api and ("text/html" in request.headers.get("accept", "") or is_part(request))


def elsewhere(request: Request, url: str) -> Response:
    """Send the browser there; the whole page, also when a part was asked for."""
    if is_part(request):
        return Response(None, 200, {"HX-Redirect": url, "Cache-Control": "no-store"})
    return go(url)


def here(request: Request) -> str:
    """The page to come back to: for parts and forms, the one that they are on."""
    if request.method == "GET" and not is_part(request):
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    on = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "/")
    return on.path + (f"?{on.query}" if on.query else "")


def is_foreign(request: Request) -> bool | None:
    """What the browser itself says of where the form is. Old ones say nothing: None."""
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return None if origin is None else urlsplit(origin).netloc != request.headers.get("host")
