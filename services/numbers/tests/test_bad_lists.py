"""Of a list with bad rows the good ones are loaded; the bad ones are left behind in a file, each with what is wrong."""

import csv
import io
from uuid import uuid4

import pytest

from numbers_service import lists

from .listed import BLOCKS, FIRST, HOME, NUMBERS, counts, load_list, numbers, post, reasons, refused_file
from .managing import asked, blocks, log, problem
from .serving import Served


async def test_a_gap_is_named_and_the_corrected_list_loads_what_was_missing(served: Served) -> None:
    whole = numbers((FIRST, 1_000))
    with_gap = whole.replace(f"+{FIRST + 742},{HOME}\n", "")
    lines = await load_list(served, "numbers", NUMBERS + with_gap)
    assert counts(lines[-1]) == ("done", 999, 900, 0, 99)
    why = await reasons(served, lines[-1]["load"])
    assert set(why) == {*range(702, 801)}
    assert why[702].startswith(f"gap: +{FIRST + 742} is lacking, so +{FIRST + 700} to +{FIRST + 799} are no whole")
    again = await load_list(served, "numbers", NUMBERS + whole)
    assert counts(again[-1]) == ("done", 1_000, 100, 900, 0)
    assert len(await blocks(served)) == 10


async def test_the_file_of_refused_rows_is_corrected_and_loaded_as_it_is(served: Served) -> None:
    content = NUMBERS + numbers((FIRST, 100)).replace(f"+{FIRST + 7},", f"+{FIRST + 7}x,")
    refused = (await load_list(served, "numbers", content))[-1]
    assert counts(refused) == ("done", 100, 0, 0, 100)
    file = await refused_file(served, refused["load"])
    reason = "e164: not an E.164 number: write + and 7 to 15 digits, such as +441214960000"
    assert f'\n9,"{reason}",+{FIRST + 7}x,{HOME}\n' in file
    corrected = await load_list(served, "numbers", file.replace(f"+{FIRST + 7}x,", f"+{FIRST + 7},"))
    assert counts(corrected[-1]) == ("done", 100, 100, 0, 0)


async def test_a_number_that_stands_twice_is_refused_with_the_row_in_which_it_was_first(served: Served) -> None:
    content = NUMBERS + numbers((FIRST, 100), (FIRST + 20, 2), (FIRST + 100, 100))
    (*_, last) = await load_list(served, "numbers", content)
    assert counts(last) == ("done", 202, 200, 0, 2)
    assert await reasons(served, last["load"]) == {
        102: f"duplicate: +{FIRST + 20} is in row 22 already: take one out",
        103: f"duplicate: +{FIRST + 21} is in row 23 already: take one out",
    }


async def test_a_duplicate_is_found_however_far_away_the_first_one_is(served: Served) -> None:
    content = NUMBERS + numbers((FIRST, 10_000), (FIRST + 10_000, 100), (FIRST + 5, 1))
    (*_, last) = await load_list(served, "numbers", content)
    assert await reasons(served, last["load"]) == {10_102: f"duplicate: +{FIRST + 5} is in row 7 already: take one out"}


async def test_a_number_of_another_length_than_its_neighbours_is_named(served: Served) -> None:
    content = NUMBERS + numbers((FIRST, 100)) + f"+4416194601,{HOME}\n+44161946010000,{HOME}\n+4416,{HOME}\n"
    (*_, last) = await load_list(served, "numbers", content)
    assert counts(last) == ("done", 103, 100, 0, 3)
    why = await reasons(served, last["load"])
    assert why[102] == "e164 has 10 digits, others of Manchester have 12: correct it"
    assert why[103] == "e164 has 14 digits, others of Manchester have 12: correct it"
    assert why[104].startswith("e164: not an E.164 number: write + and 7 to 15 digits")


async def test_of_a_hundred_that_is_said_to_be_of_two_pools_none_is_loaded(served: Served) -> None:
    content = NUMBERS + numbers((FIRST, 50)) + numbers((FIRST + 50, 50), home="44,0,Manchester,reseller,acme")
    (*_, last) = await load_list(served, "numbers", content)
    assert counts(last) == ("done", 100, 0, 0, 100)
    assert (await reasons(served, last["load"]))[2].startswith("rows 2 and 52 are of one hundred and differ")


@pytest.mark.parametrize("end", ["\n", ""], ids=["ended", "torn"])
async def test_of_a_row_that_is_too_long_the_beginning_is_kept(served: Served, end: str) -> None:
    content = f"{NUMBERS}+{FIRST},44,0,{'M' * 3_000_000}{end}"
    (*_, last) = await load_list(served, "numbers", content)
    (row,) = csv.DictReader(io.StringIO(await refused_file(served, last["load"])))
    assert row["e164"] == f"+{FIRST},44,0,{'M' * 200}"[:200]
    assert row["reason"] == "the row has more than 2000 bytes, of which the first 200 are kept: correct it"


TORN = "torn: the list ends within this row: send the list again from here on"


@pytest.mark.parametrize(
    "end",
    [b"+441619460", b"+441619460100,44,0,Manch", b'+441619460100,44,0,"Manch', "+441619460100,44,0,Mün".encode()[:-2]],
    ids=["in a number", "in a text", "in a quoted text", "in a character"],
)
async def test_a_torn_last_row_is_named_and_the_rest_is_loaded(served: Served, end: bytes) -> None:
    (*_, last) = await load_list(served, "numbers", (NUMBERS + numbers((FIRST, 100))).encode() + end)
    assert counts(last) == ("done", 101, 100, 0, 1)
    assert await reasons(served, last["load"]) == {102: TORN}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"+{FIRST},200,{HOME}", "size: Input should be 100, 1000 or 10000"),
        (f"+{FIRST},many,{HOME}", "size: Input should be 100, 1000 or 10000"),
        (f"+{FIRST + 50},100,{HOME}", "first: a block of 100 begins with a number that 100 divides: correct first"),
        ("+1234,100,44,0,Leeds,public,", "first: not an E.164 number"),
        ("+1234567890123400,100,44,0,Leeds,public,", "first: not an E.164 number"),
        ("+4721001000,100,44,0,Leeds,public,", "first does not begin with the country 44: correct one of them"),
        (f"+{FIRST},100,44,0,Leeds,reseller,", "owner: the pool reseller is a reseller's: give its name"),
        (f"+{FIRST},100,44,0,Leeds,mine,", "pool: Input should be 'public', 'reseller' or 'customer'"),
        (f"+{FIRST},100,44,0,,public,", "area: String should have at least 1 character"),
        (f"+{FIRST},100,44,0,Leeds", "5 fields instead of 7: give first,size,country,trunk,area,pool,owner"),
        (f"+{FIRST},100,44,0,Leeds,public,,,", "9 fields instead of 7"),
        (f'+{FIRST},100,44,0,"Leeds,public,', "the row has a quotation mark without its other: correct it"),
        (
            f"+{FIRST},100,44,0,{'x' * 2_000},public,",
            "the row has more than 2000 bytes, of which the first 200 are kept: correct it",
        ),
        (f"+{FIRST + 100_000},100,{HOME}", f"duplicate: the block +{FIRST + 100_000} is in row 2 already"),
        (
            "+441314960100,100,44,0,Edinburgh,public,",
            "+441314960000 to +441314960999 are there already, in the reseller",
        ),
    ],
)
async def test_a_bad_row_is_named_with_its_field_and_the_others_are_loaded(
    served: Served, row: str, reason: str
) -> None:
    good = [f"+{FIRST + 100_000},100,{HOME}\n", f"+{FIRST + 200_000},100,{HOME}\n"]
    (*_, last) = await load_list(served, "blocks", f"{BLOCKS}{good[0]}{row}\r\n\n{good[1]}")
    assert counts(last) == ("done", 3, 2, 0, 1)
    ((at, why),) = (await reasons(served, last["load"])).items()
    assert at == 3
    assert why.startswith(reason)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("e164,country,trunk,area,pool,owner,colour", ["colour"]),
        ("e164,country,trunk,area,pool", ["owner"]),
        ("e164,e164,country,trunk,area,pool,owner", ["e164"]),
        ("+441619460000,44,0,Manchester,public,", ["+441619460000", "44", "0", "manchester", "public", ""]),
        ("", ["e164", "country", "trunk", "area", "pool", "owner"]),
    ],
)
async def test_a_header_that_is_none_is_refused_with_its_columns(
    served: Served, header: str, columns: list[str]
) -> None:
    errors = problem(await post(served, "numbers", f"{header}\n" if header else ""))
    assert [one["column"] for one in errors][: len(columns)] == columns
    assert await served.rows("SELECT * FROM load") == []


@pytest.mark.parametrize(
    ("head", "row", "column"),
    [
        (BLOCKS, f"+{FIRST},100,44,0,Manchester,reseller,acm", "owner"),
        (f"first,{BLOCKS[11:-1]},size\n", f"+{FIRST},44,0,Manchester,public,,100", "size"),
    ],
)
async def test_a_last_row_that_may_be_torn_within_its_last_value_is_not_loaded(
    served: Served, head: str, row: str, column: str
) -> None:
    (*_, last) = await load_list(served, "blocks", head + row)
    assert counts(last) == ("done", 1, 0, 0, 1)
    assert (await reasons(served, last["load"]))[2].startswith(f"the list ends without a line break, so {column} may")
    assert counts((await load_list(served, "blocks", f"{head}{row}\n"))[-1]) == ("done", 1, 1, 0, 0)


async def test_a_list_in_another_encoding_is_said_to_be_so(served: Served) -> None:
    (fault,) = problem(await post(served, "numbers", NUMBERS.encode("utf-16")))
    assert "UTF-8" in fault["remedy"]


async def test_a_list_of_an_unknown_kind_and_an_unknown_load_are_said_to_be_so(served: Served) -> None:
    (fault,) = problem(await post(served, "pools", NUMBERS))
    assert fault["parameter"] == "kind"
    problem(await asked(served, "GET", f"/loads/{uuid4()}"), 404)
    problem(await asked(served, "GET", f"/loads/{uuid4()}/refused"), 404)


async def test_a_list_of_scattered_numbers_is_refused_in_batches(served: Served) -> None:
    content = NUMBERS + "".join(f"+{FIRST + at * 10_000},{HOME}\n" for at in range(1_500))
    lines = await load_list(served, "numbers", content)
    assert [counts(line) for line in lines] == [
        ("loading", 1_000, 0, 0, 1_000),
        ("loading", 1_500, 0, 0, 1_500),
        ("done", 1_500, 0, 0, 1_500),
    ]
    assert (await reasons(served, lines[-1]["load"]))[2].startswith(f"gap: +{FIRST + 1} is lacking")
    assert await log(served) == []


@pytest.mark.parametrize("rest", ["good", "bad"])
async def test_of_a_list_that_is_too_long_the_beginning_is_loaded_and_where_the_rest_begins_is_said(
    served: Served, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    monkeypatch.setattr(lists, "MOST_LINES", 111)
    more = numbers((FIRST + 100, 100)) if rest == "good" else "?\n" * 100
    lines = await load_list(served, "numbers", NUMBERS + numbers((FIRST, 100)) + more)
    assert counts(lines[-1]) == ("stopped", 110, 100, 0, 10)
    assert lines[-1]["detail"] == "a list has 111 lines at the most: load the rest, from line 112 on, as another one"
    assert await blocks(served) == [(FIRST, 100)]
