"""A file of orders is cut so that no order is, and positions are those of its lines."""

from pathlib import Path

import pytest

from patchbay_cli import pieces

HEAD = "order,reference\n"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LINES", 2)


def of(folder: Path, name: str, text: str, through: int = 0) -> list[tuple[int, int, str]]:
    file = folder / name
    file.write_text(text)
    return [(one.first, one.last, one.content.decode()) for one in pieces.pieces(file, through)]


@pytest.mark.usefixtures("few")
def test_lines_go_in_pieces_with_their_positions(tmp_path: Path) -> None:
    assert of(tmp_path, "a.ndjson", "1\n2\n3\n4\n5") == [(1, 2, "1\n2\n"), (3, 4, "3\n4\n"), (5, 5, "5")]
    assert of(tmp_path, "a.ndjson", "1\n2\n3\n4\n5", through=3) == [(4, 5, "4\n5")]


@pytest.mark.parametrize("through", [0, 1])
def test_a_file_without_lines_is_a_batch_as_well(tmp_path: Path, through: int) -> None:
    assert of(tmp_path, "a.ndjson", "") == [(1, 0, "")]
    assert of(tmp_path, "a.csv", "") == [(2, 1, "")]
    assert of(tmp_path, "a.csv", HEAD, through) == [(2, 1, HEAD)]


@pytest.mark.usefixtures("few")
def test_rows_of_one_order_stay_together_and_each_piece_has_the_head(tmp_path: Path) -> None:
    rows = ["a,1\n", "b,2\n", "b,\n", "b,\n", ",3\n", ",4\n", ",5\n"]
    assert of(tmp_path, "a.CSV", HEAD + "".join(rows)) == [
        (2, 5, HEAD + "".join(rows[:4])),
        (6, 7, HEAD + "".join(rows[4:6])),
        (8, 8, HEAD + rows[6]),
    ]
    assert of(tmp_path, "a.csv", HEAD + "".join(rows), through=5)[0] == (6, 7, HEAD + "".join(rows[4:6]))


@pytest.mark.usefixtures("few")
def test_a_row_with_line_breaks_in_a_cell_is_one_row_as_the_gateway_counts_it(tmp_path: Path) -> None:
    rows = ['a,"1\n\n1"\n', 'b,"2\n""2"\n', ",3\n"]
    assert of(tmp_path, "a.csv", HEAD + "".join(rows)) == [(2, 3, HEAD + rows[0] + rows[1]), (4, 4, HEAD + rows[2])]
    assert of(tmp_path, "a.csv", HEAD + "".join(rows), through=2) == [(3, 4, HEAD + rows[1] + rows[2])]


@pytest.mark.usefixtures("few")
def test_without_a_column_of_orders_each_row_is_one(tmp_path: Path) -> None:
    assert [one[:2] for one in of(tmp_path, "a.csv", "reference\n1\n2\n3\n")] == [(2, 3), (4, 4)]


def test_the_same_content_is_the_same_batch_and_another_one_is_not(tmp_path: Path) -> None:
    first, copy, other = (tmp_path / name for name in ("a", "b", "c"))
    first.write_text("1")
    copy.write_text("1")
    other.write_text("2")
    assert pieces.batch_of(first) == pieces.batch_of(copy) != pieces.batch_of(other)
