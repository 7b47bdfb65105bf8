"""The draft of a price list: its editor, a new list, and prices that come as CSV. What is typed is never lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site
from gateway_service.pages.fields import Fields, fits, is_house, refused, seen
from gateway_service.pages.form_size import file_too_large
from gateway_service.pages.language import gettext as _
from gateway_service.pages.price_list_books import Books, draft_of, in_force
from gateway_service.pages.price_lists import Billing, checked
from gateway_service.pages.prices_form import (
    KEYS,
    MOST_ROWS,
    BadRow,
    Row,
    decoded,
    grade_names,
    prices_in,
    read_csv,
    rows_of,
    typed_rows,
)
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.price_lists import DraftQuery, TaxNote
from patchbay_contracts.words import Currency, Reseller, Slug

PLACES = {
    "/price_list": "price_list",
    "/reseller": "reseller",
    "/currency": "currency",
    "/name": "name",
    "/tax_note": "tax_note",
    "/why": "why",
    "/revision": "",
}


@dataclass(frozen=True)
class Typed:
    """A draft as it was typed. `number`: the version that it is, or 0 where there is none yet."""

    price_list: str = ""
    reseller: str = ""
    currency: str = "GBP"
    name: str = ""
    tax_note: str = ""
    why: str = ""
    revision: int = 0
    number: int = 0
    rows: tuple[Row, ...] = ()


def router(upstream: Upstream) -> APIRouter:
    """A new list, and the drafts of those that there are. It stands before the pages of one list."""
    routes = site.routes("/price-lists")

    @routes.get("/new")
    async def show_new(request: Request, who: Billing) -> Response:
        own = who.resellers[0] if who.resellers and len(who.resellers) == 1 else ""
        return await editor(request, Books(upstream, who), Typed(reseller=own), new=True)

    @routes.post("/new")
    async def make(request: Request, who: Billing) -> Response:
        return await _write(request, Books(upstream, who), None)

    @routes.get("/{id_}/draft")
    async def show(request: Request, id_: str, who: Billing) -> Response:
        books = Books(upstream, who)
        return await editor(request, books, await _there(books, checked(id_)))

    @routes.post("/{id_}/draft")
    async def change(request: Request, id_: str, who: Billing) -> Response:
        books = Books(upstream, who)
        return await _write(request, books, await _there(books, checked(id_)))

    @routes.get("/{id_}/draft/csv")
    async def show_csv(request: Request, id_: str, who: Billing) -> Response:
        await _there(Books(upstream, who), checked(id_))
        return _csv_page(request, id_)

    @routes.post("/{id_}/draft/csv")
    async def take_csv(request: Request, id_: str, who: Billing) -> Response:
        books = Books(upstream, who)
        return await _import(request, books, await _there(books, checked(id_)))

    return routes


async def _import(request: Request, books: Books, there: Typed) -> Response:
    """The table with the prices of a CSV, or what is wrong with it. Nothing is saved by that."""
    form, id_ = await site.form(request), there.price_list
    file, pasted = form.file("file"), form.text("csv")
    most = site.of(request).settings.most_form_bytes
    too_large = file is not None and (file.size or 0) > most
    text = pasted if file is None or too_large else decoded(await file.read())
    await (await request.form()).close()
    if too_large:
        return _csv_page(request, id_, pasted, file_too_large(most), at="file")
    if file is not None and pasted:
        said = _("Choose a file or paste rows, one of them alone")
        return _csv_page(request, id_, pasted, said, at="file")
    if not text:
        said = _("Choose a file in UTF-8, or paste its rows") if text == "" else _("Save the file in UTF-8")
        return _csv_page(request, id_, error=said, at="csv" if file is None else "file")
    try:
        prices, bad = read_csv(text)
    except ValueError as error:
        return _csv_page(request, id_, text, str(error))
    if bad:
        said = _("Some rows cannot be taken: see which and why, correct them here, and import again")
        return _csv_page(request, id_, text, said, bad)
    return await editor(request, books, replace(there, rows=rows_of(prices)), imported=len(prices))


async def _there(books: Books, id_: str) -> Typed:
    """The draft as it is; without one, the version in force as the beginning of a draft. Raises Problem."""
    versions = await books.versions(id_)
    if not books.may_change(versions[0]):
        raise Problem(
            403, _("This price list is for all resellers"),
            _("Only an operator who acts for all resellers may change it. Make a list of your own."),
        )  # fmt: skip
    draft = draft_of(versions)
    found = await books.version(id_, (draft or in_force(versions) or versions[0]).version)
    if len(found.service_types) > MOST_ROWS:
        raise Problem(422, _("This list is too long for a table"), _("Change it by a program."))
    return Typed(
        id_, found.reseller or "", found.currency, found.name, found.tax_note,
        revision=draft.revision if draft else 0, number=draft.version if draft else 0, rows=rows_of(found.prices),
    )  # fmt: skip


async def _write(request: Request, books: Books, there: Typed | None) -> Response:
    """Save what was typed, or show it again: with one more service type, or with what is wrong."""
    form = Fields(await site.form(request))
    typed = _typed(form, there)
    if form.form.text("do") == "add":
        return await _with_one_more(request, books, form, typed, new=there is None)
    name = form.line("name", _("Enter a name of up to 200 characters, on one line"))
    tax = form.of(TaxNote, "tax_note", _("Enter a note of up to 200 characters, on one line"))
    why = form.why()
    prices, wrong = prices_in(typed.rows)
    form.errors |= wrong
    if there is None:
        _check_new(form, books)
    if not form.errors:
        asked = DraftQuery(
            resellers=books.who.resellers, by=books.who.by, why=why, price_list=typed.price_list,
            reseller=typed.reseller or None, name=name, currency=typed.currency, tax_note=tax, prices=prices,
            revision=typed.revision,
        )  # fmt: skip
        try:
            saved = await books.save(asked)
        except Problem as problem:
            form.errors |= refused(problem, PLACES)
            if problem.status == 409 and there is not None:
                return await _stale(request, books, typed)
        else:
            return site.go(f"/price-lists/{saved.price_list}/versions/{saved.version}?done=saved")
    return await editor(request, books, typed, form.errors, new=there is None)


def _typed(form: Fields, there: Typed | None) -> Typed:
    text = form.form.text
    base = there or Typed(text("price_list"), text("reseller"), text("currency"))
    return replace(
        base, name=text("name"), tax_note=text("tax_note"), why=text("why"), revision=seen(form.form),
        rows=typed_rows(form.form),
    )  # fmt: skip


def _check_new(form: Fields, books: Books) -> None:
    message = _("Enter an id of small letters, digits, dots and dashes, such as standard-gbp")
    if form.of(Slug, "price_list", message) == "new":
        form.errors["price_list"] = _("Choose another id: this one is the address of this page")
    form.of(Currency, "currency", _("Enter a currency by its three letters, such as GBP"))
    reseller = form.form.text("reseller")
    if not reseller:
        if not is_house(books.who):
            form.errors["reseller"] = _("Enter the reseller whose list it is")
    elif not fits(Reseller, reseller) or not books.who.sees(reseller):
        form.errors["reseller"] = _("Enter the id of a reseller that you act for")


async def _with_one_more(request: Request, books: Books, form: Fields, typed: Typed, *, new: bool) -> Response:
    """The table with a service type more; nothing is saved by that."""
    added = form.of(Slug, "add", _("Enter the id of a service type, such as voice-line"))
    if any(row.service_type == added for row in typed.rows):
        form.errors["add"] = _("It is in the table already")
    elif len(typed.rows) >= MOST_ROWS:
        form.errors["add"] = _("The table is full: import the prices as CSV")
    if form.errors:
        return await editor(request, books, typed, form.errors, new=new, add=form.form.text("add"))
    return await editor(request, books, replace(typed, rows=(*typed.rows, Row(added))), new=new)


async def _stale(request: Request, books: Books, typed: Typed) -> Response:
    """Somebody was faster: what was typed stays, and is saved over the other's only by saving again."""
    now = await _there(books, typed.price_list)
    message = _(
        "Somebody else changed this draft meanwhile. What you typed is still here, and not saved."
        " Look at what is there now; if you save again, yours replaces it."
    )
    return await editor(request, books, replace(typed, revision=now.revision, number=now.number), {"": message})


async def editor(
    request: Request,
    books: Books,
    typed: Typed,
    errors: Mapping[str, str] | None = None,
    *,
    new: bool = False,
    imported: int | None = None,
    add: str = "",
) -> Response:
    """The form with everything that was typed."""
    return site.render(
        request, "price-lists-draft.html", 422 if errors else 200, errors=errors, typed=typed, new=new, add=add,
        imported=imported, types=await books.service_types(), keys=KEYS, names=grade_names(),
        resellers=books.who.resellers,
    )  # fmt: skip


def _csv_page(
    request: Request, id_: str, text: str = "", error: str = "", bad: Sequence[BadRow] = (), *, at: str = "csv"
) -> Response:
    errors = {at: error} if error else None
    return site.render(
        request, "price-lists-csv.html", 422 if errors else 200, errors=errors, id_=id_, text=text, bad=bad
    )
