from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.export_folder import ExportFolder
from cli.export_index import INDEX_NAME
from ocrq.errors import StoreError, UsageError


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _write(folder: ExportFolder, name: str, text: str, document: str = "/scans/a.tif") -> None:
    folder.write(name, [text], document=document, missing_pages=[])
    folder.save_index()


def test_files_appear_whole_and_are_listed(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "new" / "out", batch="b")
    missing: list[int] = []

    def chunks() -> Iterator[str]:
        yield "one"
        assert not (tmp_path / "new/out/a.txt").exists()
        missing.append(3)
        yield "two"

    folder.write("a.txt", chunks(), document="/scans/a.tif", missing_pages=missing)
    folder.save_index()
    assert (tmp_path / "new/out/a.txt").read_text() == "onetwo"
    assert _names(tmp_path / "new/out") == ["a.txt", INDEX_NAME]
    entry = json.loads((tmp_path / "new/out" / INDEX_NAME).read_text())["files"]["a.txt"]
    assert (entry["document"], entry["missing_pages"]) == ("/scans/a.tif", [3])


def test_an_export_of_the_same_scan_is_renewed(tmp_path: Path) -> None:
    _write(ExportFolder(tmp_path, batch="b"), "a.txt", "old")
    again = ExportFolder(tmp_path, batch="another batch of the same scans")
    again.check([("a.txt", "/scans/a.tif")])
    _write(again, "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_file_of_another_scan_is_not_replaced(tmp_path: Path) -> None:
    _write(ExportFolder(tmp_path, batch="b"), "a.txt", "old")
    with pytest.raises(UsageError, match=r"a\.txt"):
        ExportFolder(tmp_path, batch="b").check([("a.txt", "/other/a.tif")])


def test_a_file_that_was_edited_or_is_not_ours_is_not_replaced_without_force(
    tmp_path: Path,
) -> None:
    _write(ExportFolder(tmp_path, batch="b"), "a.txt", "old")
    (tmp_path / "a.txt").write_text("edited by hand")
    (tmp_path / "b.txt").write_text("somebody's")
    planned = [("a.txt", "/scans/a.tif"), ("b.txt", "/scans/b.tif"), ("c.txt", "/scans/c.tif")]
    with pytest.raises(UsageError, match=r"a\.txt, b\.txt.*--force"):
        ExportFolder(tmp_path, batch="b").check(planned)
    ExportFolder(tmp_path, batch="b", force=True).check(planned)


def test_a_failed_write_leaves_the_older_file_and_no_part(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path, batch="b")
    _write(folder, "a.txt", "old")

    def chunks() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="No space left"):
        folder.write("a.txt", chunks(), document="d", missing_pages=[])
    assert (tmp_path / "a.txt").read_text() == "old"
    assert _names(tmp_path) == ["a.txt", INDEX_NAME]


def test_names_that_are_not_utf8_stay_bytes_and_are_known_again(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    _write(ExportFolder(tmp_path, batch="b"), name, "old")
    assert name in _names(tmp_path)
    ExportFolder(tmp_path, batch="b").check([(name, "/scans/a.tif")])


def test_a_folder_that_cannot_be_one_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        ExportFolder(tmp_path / "file", batch="b")


def test_a_list_that_is_something_else_stops_the_export(tmp_path: Path) -> None:
    (tmp_path / INDEX_NAME).write_text("[]")
    with pytest.raises(UsageError, match="not a list of exports"):
        ExportFolder(tmp_path, batch="b")
    assert ExportFolder(tmp_path, batch="b", force=True).folder == tmp_path


def test_a_folder_that_cannot_be_written_is_found_out_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _data: bytes) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(StoreError, match=r"cannot be written: Permission denied; .*--output"):
        ExportFolder(tmp_path, batch="b")


def test_to_look_whether_a_folder_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    ExportFolder(tmp_path, batch="b")
    assert _names(tmp_path) == []
