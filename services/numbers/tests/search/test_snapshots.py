"""A snapshot is whole or it is none: the newest whole one is what a replica begins with."""

from pathlib import Path

import pytest

from numbers_service.grading import DEFAULT
from numbers_service.index import Index
from numbers_service.search import translating
from numbers_service.search.snapshots import Snapshot, Snapshots
from services.numbers.tests.search.house import House


def snapshot(house: House, position: int = 7) -> Snapshot:
    index = Index(DEFAULT)
    index.put_many(translating.state(house.stated(first)) for first in house.blocks)
    return Snapshot("numbers.changes.v1", {0: position, 1: 0}, 3, index)


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "snapshots").iterdir())


async def read(snapshots: Snapshots) -> list[Snapshot]:
    return [one async for one in snapshots.newest_first()]


async def test_what_was_written_is_read(house: House, store: str) -> None:
    written = snapshot(house)
    await Snapshots(store, "1", 3).write(written)
    (found,) = await read(Snapshots(store, "2", 3))
    assert (found.topic, found.positions, found.grades) == (written.topic, written.positions, written.grades)
    for first in house.blocks:
        assert found.index.state(first) == written.index.state(first)


async def test_the_last_few_are_kept_whoever_wrote_them(house: House, store: str, tmp_path: Path) -> None:
    for position in range(5):
        await Snapshots(store, str(position % 2), 3).write(snapshot(house, position))
    assert [one.positions[0] for one in await read(Snapshots(store, "1", 3))] == [4, 3, 2]
    assert len(files(tmp_path)) == 3


@pytest.mark.parametrize("size", [0, 5, 21, 40, 2_000, -1])
async def test_a_torn_one_gives_way_to_the_one_before(house: House, store: str, tmp_path: Path, size: int) -> None:
    snapshots = Snapshots(store, "1", 3)
    await snapshots.write(snapshot(house, 1))
    await snapshots.write(snapshot(house, 2))
    newest = files(tmp_path)[-1]
    newest.write_bytes(newest.read_bytes()[:size])
    assert [one.positions[0] for one in await read(snapshots)] == [1]


@pytest.mark.parametrize("place", [3, 19, 30, 500, -3])
async def test_a_flipped_bit_gives_way_to_the_one_before(house: House, store: str, tmp_path: Path, place: int) -> None:
    snapshots = Snapshots(store, "1", 3)
    await snapshots.write(snapshot(house, 1))
    await snapshots.write(snapshot(house, 2))
    newest = files(tmp_path)[-1]
    data = bytearray(newest.read_bytes())
    data[place] ^= 16
    newest.write_bytes(data)
    assert [one.positions[0] for one in await read(snapshots)] == [1]


async def test_other_files_in_the_folder_are_left_alone(house: House, store: str, tmp_path: Path) -> None:
    snapshots = Snapshots(store, "1", 2)
    for position in range(3):
        await snapshots.write(snapshot(house, position))
        (tmp_path / "snapshots" / "a-note.txt").write_text("not ours")
    assert len(files(tmp_path)) == 3
    assert len(await read(snapshots)) == 2


def test_a_url_that_names_no_store_is_refused_with_the_settings_name() -> None:
    with pytest.raises(ValueError, match="PATCHBAY_SNAPSHOTS"):
        Snapshots("ftp://somewhere/else", "1", 3)
