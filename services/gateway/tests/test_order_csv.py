"""Orders as CSV: rows become the documents that JSON would be, and a fault names its place."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from gateway_service.batches_openapi import CSV_EXAMPLE
from gateway_service.order_csv import OF_LINE, OF_ORDER
from patchbay_contracts.order import Address, Line, NewCustomer, Numbers, OrderDocument

from .conftest import Gateway
from .posted import CUSTOMER, PIN, line, new, order

HEAD = "order,reference,customer.id,service_type,price_list,numbers.exact,numbers.count,settings.voicemail,settings"


async def send(gateway: Gateway, content: str | bytes, **params: Any) -> list[dict[str, Any]]:
    answer = await gateway.client.post(
        "/v1/orders/bulk", content=content, params=params, headers={"Content-Type": "text/csv; charset=utf-8"}
    )
    assert answer.status_code == 200, answer.text
    return [json.loads(one) for one in answer.content.splitlines()]


async def stored(gateway: Gateway) -> list[dict[str, Any]]:
    return [json.loads(row.document) for row in await gateway.rows("SELECT document FROM orders ORDER BY id")]


async def test_rows_of_one_order_become_its_lines(gateway: Gateway) -> None:
    found = await send(gateway, CSV_EXAMPLE)
    assert [(one["line"], one["state"]) for one in found] == [(3, "accepted"), (4, "accepted")]
    first, second = await stored(gateway)
    assert first["customer"]["kind"] == "new"
    assert (first["customer"]["name"], first["customer"]["email"]) == ("Ada Lovelace", "ada@example.com")
    assert [line["numbers"]["count"] for line in first["lines"]] == [2, 1]
    assert [line["settings"] for line in first["lines"]] == [{"voicemail": True}, {"voicemail": False}]
    assert (first["reference"], second["reference"]) == ("PO-1", "PO-2")


async def test_cells_are_read_as_spreadsheets_write_them(gateway: Gateway) -> None:
    rows = [
        f"a,'=PO,{CUSTOMER},voice-line,standard-gbp,'+441217370000; +441217370001,,yes,",
        f'b,"two\nlines",{CUSTOMER},voice-line,standard-gbp,,1,"""1234""","{{""a"": {{""b"": 1}}}}"',
        ",,,,,,,,",
        f"b,x,{CUSTOMER},voice-line,standard-gbp,,1,,",
        f",y,{CUSTOMER},,,,,,",
        f",z,{CUSTOMER},,,,,,",
    ]
    found = await send(gateway, "\ufeff" + "\r\n".join([HEAD, *rows]))
    assert [(one["line"], one.get("state") or one["error"]["status"]) for one in found] == [
        (2, "accepted"), (3, 422), (5, "accepted"), (6, "accepted"), (7, "accepted"),
    ]  # fmt: skip
    first, b, *without_lines = await stored(gateway)
    assert first["reference"] == "=PO"
    assert first["lines"][0]["numbers"]["exact"] == ["+441217370000", "+441217370001"]
    assert first["lines"][0]["settings"] == {"voicemail": "yes"}
    assert b["reference"] == "x"
    assert [one["lines"] for one in without_lines] == [[], []]


def test_all_that_an_order_may_say_has_a_column() -> None:
    nested: dict[str, type[BaseModel]] = {"customer": NewCustomer, "address": Address, "numbers": Numbers}

    def columns(model: type[BaseModel], before: str = "") -> Iterator[str]:
        for name in model.model_fields:
            yield from columns(nested[name], f"{before}{name}.") if name in nested else (before + name,)

    assert {*columns(OrderDocument), "customer.id"} - {*OF_ORDER} == {"customer.kind", "lines", "labels"}
    assert {*columns(Line)} == {*OF_LINE}


async def test_what_is_a_list_or_has_names_of_its_own_is_the_document_that_json_would_be(gateway: Gateway) -> None:
    numbers = ["+441217370000", "+441217370001"]
    document = order(
        customer=new(contacts=[{"name": "Grace", "email": "grace@example.com"}]),
        lines=[line(numbers={"exact": numbers}, settings_by_number={numbers[0]: {"voicemail": True}}), line()],
        labels={"campaign": "autumn", "acme.com/batch": "7"},
        unique_reference=True,
        terms=[{"service_type": "voice-line", "version": "1", "hash": "0" * 64}],
    )
    terms, by_number = json.dumps(document["terms"]), json.dumps(document["lines"][0]["settings_by_number"])
    cells = {
        "order": "a", "reference": "PO-1", "unique_reference": "true", "terms": terms,
        "labels.campaign": "autumn", "labels.acme.com/batch": "7", "customer.name": "Ada",
        "customer.email": "ada@example.com", "customer.pin": PIN,
        "customer.contacts": json.dumps(document["customer"]["contacts"]), "service_type": "voice-line",
        "price_list": "standard-gbp", "numbers.exact": " ".join(numbers), "settings_by_number": by_number,
    }  # fmt: skip
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(cells))
    writer.writeheader()
    writer.writerow(cells)
    writer.writerow({name: cells[name] for name in ("order", "labels.campaign", "service_type", "price_list")})
    assert [one["state"] for one in await send(gateway, file.getvalue())] == ["accepted"]
    (as_csv,) = await stored(gateway)
    answer = await gateway.client.post("/v1/orders", json=document | {"reference": "PO-2"})
    assert answer.status_code == 202
    as_json = next(one for one in await stored(gateway) if one["reference"] == "PO-2")
    assert as_csv == as_json | {"reference": "PO-1"}


async def test_settings_are_json_where_they_are_any(gateway: Gateway) -> None:
    await send(gateway, f'{HEAD}\na,,{CUSTOMER},voice-line,standard-gbp,,1,"""1234""","{{""a"": {{""b"": 1}}}}"\n')
    assert (await stored(gateway))[0]["lines"][0]["settings"] == {"voicemail": "1234", "a": {"b": 1}}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (f"a,,{CUSTOMER},voice-line,standard-gbp,,many,,", "/lines/0/numbers/count"),
        (f"a,,{CUSTOMER},voice-line", "check its commas"),
        (f"a,,{CUSTOMER},voice-line,standard-gbp,,1,,[1]", "settings is no JSON object"),
        (f'a,,{CUSTOMER},voice-line,standard-gbp,,1,,"{{""a"": {"[" * 300}{"]" * 300}}}"', "nested deeper"),
        ('a,"x"y,,,,,,,', "close each quote"),
        (b"a,\xff,,,,,,,", "in UTF-8"),
    ],
    ids=["no number", "too few cells", "no object", "too deep", "quotes", "latin-1"],
)
async def test_a_bad_row_is_refused_alone_with_its_place(gateway: Gateway, row: str | bytes, told: str) -> None:
    good = f"\nz,,{CUSTOMER},,,,,,\n"
    raw = row if isinstance(row, bytes) else row.encode()
    bad, fine = await send(gateway, HEAD.encode() + b"\n" + raw + good.encode())
    assert (bad["line"], bad["error"]["status"]) == (2, 422)
    assert told in json.dumps(bad["error"])
    assert fine["state"] == "accepted"


async def test_rows_of_an_order_that_contradict_each_other_are_refused_together(gateway: Gateway) -> None:
    rows = [f"a,{reference},{CUSTOMER},voice-line,standard-gbp,,1,," for reference in ("PO-1", "PO-2")]
    (refused,) = await send(gateway, "\n".join([HEAD, *rows]))
    assert (refused["line"], refused["error"]["status"]) == (3, 422)
    assert "another reference" in refused["error"]["errors"][0]["message"]


@pytest.mark.parametrize("head", [b"", b"\n", b"order,order", b"order,colour", b"\xff,order", b'"order'], ids=repr)
async def test_a_head_that_cannot_be_understood_is_refused_before_anything_begins(
    gateway: Gateway, head: bytes
) -> None:
    answer = await gateway.client.post("/v1/orders/bulk", content=head, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["remedy"]


async def test_a_quote_that_is_never_closed_swallows_no_order(gateway: Gateway) -> None:
    rows = (
        f'\na,,{CUSTOMER},,,,,,\nz,,{CUSTOMER},,,,,,\nb,"open,{CUSTOMER},,,,,,\n'
        + "x" * 600_000
        + f"\nc,,{CUSTOMER},,,,,,\n"
    )
    found = await send(gateway, HEAD + rows)
    assert [(one["line"], one.get("state") or one["error"]["status"]) for one in found] == [(2, "accepted"), (3, 413)]


async def test_a_csv_under_a_batch_is_resumed_by_its_rows(gateway: Gateway) -> None:
    batch = str(uuid4())
    rows = [f"{name},PO-{name},{CUSTOMER},voice-line,standard-gbp,,1,," for name in ("a", "a", "b", "c", "c")]
    await send(gateway, "\n".join([HEAD, *rows[:3]]) + "\n", batch=batch)
    through = (await gateway.client.get(f"/v1/batches/{batch}")).json()["accepted_through"]
    assert through == 4
    rest = await send(gateway, "\n".join([HEAD, *rows[3:]]) + "\n", batch=batch, **{"from": through + 1})
    assert [(one["line"], one["state"]) for one in rest] == [(6, "accepted")]
    again = await send(gateway, "\n".join([HEAD, *rows]) + "\n", batch=batch)
    assert [(one["line"], one["replayed"]) for one in again] == [(3, True), (4, True), (6, True)]
    assert await gateway.count() == 3
