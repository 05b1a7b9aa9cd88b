from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrq.errors import UsageError
from training.evaluation.datasets import (
    choose,
    find_lines,
    find_pages,
    load_npz_lines,
    unpacked,
)
from training.lines.synthesise import Lines, save_lines


def picture(path: Path, size: tuple[int, int] = (60, 20)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, 255).save(path)
    return path


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    for name in ("b.png", "a.png", "a.tif", "lonely.png"):
        picture(folder / "img" / name)
    (folder / "truth").mkdir()
    for name in ("a", "b", "lost"):
        (folder / "truth" / f"{name}.txt").write_text(name)
    return folder


def test_pages_are_paired_with_their_truth_and_what_is_left_out_is_named(pages: Path) -> None:
    found, left = find_pages(pages)
    assert [(p.name, p.truth) for p in found] == [("a", "a"), ("b", "b")]
    assert {item.name for item in left} == {"a.tif", "lonely.png", "lost"}


def test_scans_and_truth_may_lie_in_one_folder_or_in_a_zip(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "a.png")
    (tmp_path / "set" / "a.txt").write_text("words")
    archive = tmp_path / "set.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (tmp_path / "set").iterdir():
            file.write(path, f"set/{path.name}")
    with unpacked(archive) as folder:
        found, _ = find_pages(folder)
        assert [p.truth for p in found] == ["words"]


def test_a_folder_without_truth_and_a_file_that_is_no_zip_are_named(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    with pytest.raises(UsageError, match="no scan with a truth"):
        find_pages(tmp_path)
    with (
        pytest.raises(UsageError, match="neither a folder nor a zip"),
        unpacked(tmp_path / "a.png"),
    ):
        pass


def test_labelled_lines_belong_to_their_document(tmp_path: Path) -> None:
    for name in ("r1_000.png", "r1_001.png", "r2_000.png"):
        picture(tmp_path / name)
    rows = ["r1_000.png\tone", "r1_001.png\ttwo", "r2_000.png\t", "r3_000.png\tgone"]
    (tmp_path / "labels.tsv").write_text("\n".join(rows))
    found, left = find_lines(tmp_path)
    assert [(line.name, line.group, line.truth) for line in found] == [
        ("r1_000", "r1", "one"), ("r1_001", "r1", "two"),
    ]  # fmt: skip
    assert [item.name for item in left] == ["r2_000.png", "r3_000.png"]
    assert choose(found, only=["r1_001"]) == found[1:]
    assert choose(found, without=["r1"]) == []
    assert len(choose(found, limit=1)) == 1


def test_lines_are_cut_from_scans_by_their_boxes(tmp_path: Path) -> None:
    picture(tmp_path / "img" / "r.png", (200, 100))
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "r.csv").write_text("5,10,105,10,105,30,5,30,NO. 5, STREET\n1,2,x\n")
    found, left = find_lines(tmp_path)
    assert [(line.name, line.truth, line.gray.shape) for line in found] == [
        ("r_000", "NO. 5, STREET", (20, 100))
    ]
    assert [item.name for item in left] == ["r_001"]


def test_the_mark_in_front_of_a_text_belongs_to_no_name(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    picture(tmp_path / "a.png")
    (tmp_path / "labels.tsv").write_bytes(mark + b"a.png\tone\r\n")
    assert [(line.name, line.truth) for line in find_lines(tmp_path)[0]] == [("a", "one")]
    (tmp_path / "a.txt").write_bytes(mark + b"two")
    assert [page.truth for page in find_pages(tmp_path)[0]] == ["two"]
    picture(tmp_path / "boxed" / "img" / "r.png", (200, 100))
    (tmp_path / "boxed" / "box").mkdir()
    (tmp_path / "boxed" / "box" / "r.csv").write_bytes(mark + b"5,10,105,10,105,30,5,30,three\n")
    assert [line.truth for line in find_lines(tmp_path / "boxed")[0]] == ["three"]


def test_sets_that_are_half_there_or_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    with pytest.raises(UsageError, match="no img/ with the scans"):
        find_lines(tmp_path)
    (tmp_path / "labels.tsv").write_bytes("a.png\tone\nb.png\tÜber\n".encode("latin-1"))
    with pytest.raises(UsageError, match=r"labels\.tsv, line 2: not UTF-8"):
        find_lines(tmp_path)
    picture(tmp_path / "pages" / "a.png")
    (tmp_path / "pages" / "a.txt").mkdir()
    with pytest.raises(UsageError, match=r"a\.txt: cannot be read"):
        find_pages(tmp_path / "pages")


def test_lines_of_a_training_run(tmp_path: Path) -> None:
    ink = np.zeros((32, 40), np.uint8)
    save_lines(tmp_path / "l.npz", Lines(images=(ink, ink[:, :20]), texts=("ab", "c")))
    found, _ = load_npz_lines(tmp_path / "l.npz")
    assert [(line.gray.shape[1], line.truth) for line in found] == [(40, "ab"), (20, "c")]
    assert int(found[0].gray.min()) == 255
    for content in (b"no", b""):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(UsageError, match="not a file of lines"):
            load_npz_lines(tmp_path / "bad.npz")
