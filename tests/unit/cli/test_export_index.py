from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from cli import export_index
from cli.export_folder import ExportFolder
from cli.export_index import INDEX_NAME, load_index, locked, save_index
from ocrq.errors import StoreError, UsageError


class _Killed(BaseException):
    """Nothing is tidied up after it, as after a SIGKILL."""


def _start(folder: Path, *names: str, document: str = "/scans/a.tif") -> ExportFolder:
    """An export that has promised its files, and is killed unless somebody ends it."""
    export = ExportFolder(folder, batch="b")
    export._promise([(name, document) for name in names])
    return export


def _write(export: ExportFolder, name: str, text: str, document: str = "/scans/a.tif") -> None:
    export.write(name, [text], document=document, missing_pages=[])


def test_what_a_killed_export_wrote_is_renewed(tmp_path: Path) -> None:
    _write(_start(tmp_path, "a.txt", "b.txt"), "a.txt", "half of the work")
    again = ExportFolder(tmp_path, batch="another batch of the same scans")
    with again.promised([("a.txt", "/scans/a.tif"), ("b.txt", "/scans/a.tif")]):
        _write(again, "a.txt", "all")
        _write(again, "b.txt", "of it")
    assert (tmp_path / "a.txt").read_text() == "all"
    assert all(entry["sha256"] for entry in load_index(tmp_path).values())


def test_a_promise_is_for_one_scan(tmp_path: Path) -> None:
    _start(tmp_path, "a.txt")
    with pytest.raises(UsageError, match=r"a\.txt"):
        ExportFolder(tmp_path, batch="b").check([("a.txt", "/other/a.tif")])


def test_what_was_not_written_is_promised_no_more(tmp_path: Path) -> None:
    first = ExportFolder(tmp_path, batch="b")
    with first.promised([("a.txt", "/scans/a.tif"), ("unread.txt", "/scans/b.tif")]):
        _write(first, "a.txt", "old")
    before = load_index(tmp_path)
    assert list(before) == ["a.txt"]
    with (
        pytest.raises(_Killed),
        ExportFolder(tmp_path, batch="c").promised([("a.txt", "/scans/a.tif")]),
    ):
        raise _Killed
    assert load_index(tmp_path) == before
    (tmp_path / "a.txt").write_text("edited by hand")
    with pytest.raises(UsageError, match="changed since"):
        ExportFolder(tmp_path, batch="c").check([("a.txt", "/scans/a.tif")])


def test_two_exports_at_once_are_both_in_the_list(tmp_path: Path) -> None:
    first = _start(tmp_path, "a.txt")
    second = _start(tmp_path, "b.txt", document="/scans/b.tif")
    _write(first, "a.txt", "one")
    _write(second, "b.txt", "two", "/scans/b.tif")
    second.save_index()
    first.save_index()
    again = [("a.txt", "/scans/a.tif"), ("b.txt", "/scans/b.tif")]
    assert {e["sha256"] is None for e in load_index(tmp_path).values()} == {False}
    ExportFolder(tmp_path, batch="b").check(again)


@pytest.mark.parametrize("is_first_saved_last", [True, False])
def test_the_list_has_the_one_of_two_exports_that_wrote_a_file_last(
    tmp_path: Path, is_first_saved_last: bool
) -> None:
    first, second = _start(tmp_path, "a.txt"), _start(tmp_path, "a.txt")
    _write(first, "a.txt", "raw")
    _write(second, "a.txt", "corrected")
    for export in (second, first) if is_first_saved_last else (first, second):
        export.save_index()
    ExportFolder(tmp_path, batch="b").check([("a.txt", "/scans/a.tif")])


def test_a_list_that_cannot_be_written_leaves_the_older_one_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_index(tmp_path, {})

    def full(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match="No space left"), _new(tmp_path).promised([]):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [INDEX_NAME]


def _new(folder: Path) -> ExportFolder:
    return ExportFolder(folder, batch="b")


def _count_up(folder: Path, times: int) -> None:
    for _ in range(times):
        with locked(folder):
            number = load_index(folder).get("n", {"sha256": 0})["sha256"]
            save_index(folder, {"n": {"sha256": number + 1}})


def test_the_lock_holds_between_processes_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / export_index._LOCK_NAME).touch()  # left by one that was killed
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_count_up, args=(tmp_path, 50)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert load_index(tmp_path) == {"n": {"sha256": 150}}
    assert [path.name for path in tmp_path.iterdir()] == [INDEX_NAME]
