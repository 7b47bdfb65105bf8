"""Parameters in the query of a request: those that an operation does not know are refused. A filter with a slip in its
name would otherwise show everything, and a `dry_run` do it."""

from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from starlette.requests import Request

from patchbay_chassis.problems import invalid_fields


def check(request: Request) -> None:
    """Raises Problem 422 for those that the route does not know. The TM Forum's APIs have attributes in their queries,
    and look through them themselves."""
    if not request.scope["query_string"] or not request.scope["path"].startswith("/v1/"):
        return
    known = _known(request)
    if unknown := sorted(set(request.query_params) - known):
        remedy = f"leave it out, or use one of {', '.join(sorted(known))}" if known else "leave it out: it takes none"
        message = "there is no such parameter"
        faults = [{"parameter": name[:60], "message": message, "remedy": remedy} for name in unknown]
        raise invalid_fields(faults[:20])


def _known(request: Request) -> set[str]:
    """Those that its function has, and those that its description alone has, where calls go through to an owner."""
    route = request.scope.get("route")
    if route is None:  # it was gone to straight from the door, and takes none
        return set()
    described = (route.openapi_extra or {}).get("parameters", ())
    return {one["name"] for one in described if one["in"] == "query"} | {
        one.alias for one in get_flat_params(route.dependant) if isinstance(one.field_info, params.Query)
    }
