from __future__ import annotations

import os
from pathlib import Path

import pytest

from export.pdf_file import PdfFile
from ocrq.errors import UsageError
from worker.walk import FoundFile, LeftOut, walk


def _names(root: Path, *, recursive: bool = True) -> list[str]:
    found = walk([root], recursive=recursive)
    return [os.path.relpath(os.fsdecode(e.path), root) for e in found if isinstance(e, FoundFile)]


def _left_out(root: Path, *, recursive: bool = True) -> dict[str, str]:
    found = [e for e in walk([root], recursive=recursive) if isinstance(e, LeftOut)]
    return {os.path.relpath(os.fsdecode(e.path), root): e.reason for e in found}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "scans"
    for name in ("b.png", "a/z.tif", "a/deep/q.pdf", "c/1.jpg", "unknown.xyz"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def test_order_is_by_name_at_every_level(tree: Path) -> None:
    assert _names(tree) == ["a/deep/q.pdf", "a/z.tif", "b.png", "c/1.jpg", "unknown.xyz"]


def test_without_recursion_folders_are_reported(tree: Path) -> None:
    assert _names(tree, recursive=False) == ["b.png", "unknown.xyz"]
    assert set(_left_out(tree, recursive=False)) == {"a", "c"}


def test_hidden_files_and_companions_are_left_out_with_a_reason(tree: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "b.txt", "b.XML", ".git"):
        (tree / name).write_bytes(b"x")
    assert _left_out(tree) == {
        ".DS_Store": "hidden",
        ".git": "hidden",
        "Thumbs.db": "left behind by a desktop",
        "b.txt": "a .txt file beside scans",
        "b.XML": "a .xml file beside scans",
    }
    assert "b.png" in _names(tree)


def test_a_pdf_that_was_exported_is_no_new_scan(tree: Path) -> None:
    exported = tree / "a" / "deep" / "searchable.pdf"
    exported.write_bytes(PdfFile().begin())
    (tree / "a" / "deep" / "q.pdf").write_bytes(b"%PDF-1.7\n")
    assert "a/deep/searchable.pdf" not in _names(tree)
    assert "a/deep/q.pdf" in _names(tree)
    assert "ocrq export" in _left_out(tree)["a/deep/searchable.pdf"]
    assert [entry.path for entry in walk([exported])] == [bytes(exported)], "named itself"


def test_what_is_named_itself_is_taken(tree: Path) -> None:
    (tree / ".hidden.png").write_bytes(b"x")
    (tree / "notes.txt").write_bytes(b"x")
    found = list(walk([tree / "notes.txt", tree / ".hidden.png"]))
    assert [type(e) for e in found] == [FoundFile, FoundFile]
    assert all(isinstance(e, FoundFile) and e.root is None for e in found)


def test_links_to_folders_are_not_followed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tree / "inside").symlink_to(tree / "a")
    (tree / "loop").symlink_to(tree)
    (tree / "outside").symlink_to(tmp_path / "elsewhere")
    assert set(_left_out(tree)) == {"inside", "loop"}
    outside = [e for e in walk([tree]) if e.path.endswith(b"outside")]
    assert [e.error_code for e in outside if isinstance(e, FoundFile)] == ["symlink_outside"]


def test_a_named_link_to_a_folder_is_followed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree)
    assert len(_names(tmp_path / "link")) == 5


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xe9t\xe9/caf\xe9.tif"
    os.mkdir(os.path.dirname(name))  # noqa: PTH102, PTH120
    Path(os.fsdecode(name)).write_bytes(b"x")
    assert [e.path for e in walk([tmp_path])] == [name]


def test_a_folder_that_cannot_be_listed_is_a_failed_file(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def scandir(path: bytes) -> object:
        if path.endswith(b"/c"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    bad = [e for e in walk([tree]) if isinstance(e, FoundFile) and e.error_code]
    assert [(e.path, e.error_code) for e in bad] == [(os.fsencode(tree / "c"), "unreadable_folder")]


def test_a_path_that_is_not_there_is_an_error_before_anything_is_read(tree: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        walk([tree, tree / "nowhere"])


def test_own_data_is_left_out(tree: Path) -> None:
    found = walk([tree], exclude=os.fsencode(tree / "a"))
    assert [e.path for e in found if isinstance(e, LeftOut)] == [os.fsencode(tree / "a")]


def test_every_file_comes_once_however_often_it_is_named(tree: Path) -> None:
    found = walk([tree, tree / "b.png", tree, tree / "a" / "deep", tree / "a" / ".." / "b.png"])

    paths = [os.path.relpath(os.fsdecode(e.path), tree) for e in found if isinstance(e, FoundFile)]

    assert paths == ["a/z.tif", "c/1.jpg", "unknown.xyz", "b.png", "a/deep/q.pdf"]
