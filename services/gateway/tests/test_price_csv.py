"""Prices come and go as CSV: what cannot be taken is named row by row, and nothing typed is lost."""

from typing import Any

import pytest

from .administered import PriceLists
from .conftest import Gateway
from .operators import Visitor
from .test_price_list_pages import DRAFT, lists, visitor

__all__ = ["lists"]


async def test_a_csv_with_more_than_the_table_can_have_is_refused(lists: PriceLists, gateway: Gateway) -> None:
    rows = "".join(f"type-{n},,1,1\n" for n in range(1_501))
    page = await _import(await visitor(gateway), f"service_type,grade,setup,monthly\n{rows}".encode())
    assert (page.status_code, "more than 1500 service types" in page.text) == (422, True)


async def test_what_was_downloaded_can_be_imported_again(lists: PriceLists, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    csv = await anna.get("/price-lists/standard-gbp/versions/1.csv")
    assert csv.content.decode("utf-8-sig") == "service_type,grade,setup,monthly\r\nvoice-line,,5.00,8.50\r\n"
    page = await _import(anna, csv.content + b"voice-line,gold,75.00,5.00\r\n")
    assert page.status_code == 200
    assert "2 prices are in the table, and not saved yet" in page.text
    assert 'id="p0-gold-setup" name="p0-gold-setup" value="75.00"' in page.text
    assert lists.newest("standard-gbp").version == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("voice-line,gold,=1+1,5", "A price is none"),
        ("voice-line,gold,75", "3 cells and not 4"),
        ("voice-line,wood,75,5", "no such grade"),
        ("=cmd|' /C calc'!A0,,1,1", "The service type is none"),
        ("<script>alert(1)</script>,,1,1", "The service type is none"),
        ("sip-trunk,gold,1,1", "no price of its own"),
        ("voice-line,,1,1", "A row before"),
    ],
)
async def test_a_row_that_cannot_be_taken_is_named_and_nothing_is_lost(
    lists: PriceLists, gateway: Gateway, row: str, why: str
) -> None:
    anna = await visitor(gateway)
    text = f"service_type,grade,setup,monthly\nvoice-line,,5,8.5\n{row}\n"
    page = await _import(anna, text.encode())
    assert page.status_code == 422
    assert "<td>3</td>" in page.text
    assert why in page.text
    assert "voice-line,,5,8.5\n" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (b"", "file"),
        (b"\xff\xfe", "file"),
        (b"a,b\n1,2\n", "csv"),
        (b'service_type,grade,setup,monthly\n"x', "csv"),
    ],
)
async def test_what_is_no_csv_of_prices_is_refused(
    lists: PriceLists, gateway: Gateway, content: bytes, at: str
) -> None:
    page = await _import(await visitor(gateway), content)
    assert (page.status_code, f'id="{at}-error"' in page.text) == (422, True)


async def _import(anna: Visitor, content: bytes) -> Any:
    token = await anna.token(f"{DRAFT}/csv")
    files = {"file": ("prices.csv", content, "text/csv")}
    return await anna.client.post(f"{DRAFT}/csv", data={"csrf": token, "csv": ""}, files=files)
