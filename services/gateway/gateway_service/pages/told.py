"""What is to be said on the next page. The browser keeps it in between, so that no link can make a page say it."""

from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site

COOKIE = "patchbay-told"


def say(request: Request, url: str, word: str, path: str) -> Response:
    """See there, where `word` is heard, once. `path`: under it."""
    response = site.go(url)
    secure = site.of(request).settings.secure_cookies
    response.set_cookie(COOKIE, word, max_age=60, path=path, httponly=True, samesite="lax", secure=secure)
    return response


def heard(request: Request) -> str:
    """The word that was said, or nothing."""
    return request.cookies.get(COOKIE, "")


def forget(request: Request, response: Response, path: str) -> Response:
    """The page that says it is made."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path=path)
    return response
