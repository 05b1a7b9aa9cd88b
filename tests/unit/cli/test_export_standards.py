"""`ocrq export` into the formats of archives: names, renewal, and scans that a PDF shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest
from PIL import Image

from export.formats import FORMATS
from ocrq.errors import ExitCode
from store.batches import Batch
from store.corrections import correct_line
from store.database import Database
from store.failures import fail
from store.intake import NewDocument, NewPage
from tests.cli_runner import Ocrq, make_ocrq
from tests.queueing import finish, make_batch, make_document, take

ARCHIVE = ("--format", "hocr", "--format", "alto", "--format", "page")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "ocrq-export.json")


def scan(folder: Path, name: str = "letter.tif", pages: int = 2) -> NewDocument:
    """A scan that is there, as it is submitted."""
    path = folder / name
    sheets = [Image.new("L", (2000, 3000), 255) for _ in range(pages)]
    sheets[0].save(path, save_all=True, append_images=sheets[1:], dpi=(300, 300))
    found = path.stat()
    return NewDocument(
        path=bytes(path),
        size_bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
        media_type="image/tiff",
        sha256=None,
        pages=tuple(NewPage(number=n, megapixels=6.0) for n in range(1, pages + 1)),
    )


@pytest.fixture
def letters(db: Database, tmp_path: Path) -> Batch:
    """A scan of two pages that are read, the first corrected."""
    batch = make_batch(db, scan(tmp_path), name="letters")
    finish(db, take(db, batch), "born 18Z0\nOslo")
    finish(db, take(db, batch), "second page")
    correct_line(db, 1, 0, "born 1820", "Ada")
    return batch


@pytest.mark.usefixtures("letters")
def test_alto_and_page_are_a_file_a_page_the_others_one_a_document(
    ocrq: Ocrq, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = ocrq("export", "letters", *ARCHIVE, "--format", "pdf", "-o", str(out))
    assert result.exit_code == ExitCode.DONE, result.output
    assert _names(out) == [
        "letter.alto.0001.xml",
        "letter.alto.0002.xml",
        "letter.hocr",
        "letter.page.0001.xml",
        "letter.page.0002.xml",
        "letter.pdf",
    ]
    assert "6 files from 2 pages of 1 document" in result.stdout
    assert 'CONTENT="1820"' in (out / "letter.alto.0001.xml").read_text()
    assert "second" in (out / "letter.alto.0002.xml").read_text()
    with pypdfium2.PdfDocument(out / "letter.pdf") as opened:
        texts = [page.get_textpage().get_text_range() for page in opened]
        assert opened[0].get_size() == (480.0, 720.0)
    assert texts == ["born 1820\r\nOslo", "second page"]
    raw = tmp_path / "raw"
    ocrq("export", "letters", *ARCHIVE, "--format", "pdf", "--raw", "-o", str(raw))
    for name in ("letter.alto.0001.xml", "letter.page.0001.xml", "letter.hocr"):
        # hOCR has each letter in an element of its own.
        assert "18Z0" in re.sub(r"</?span[^>]*>", "", (raw / name).read_text())
        assert 'CS="true"' not in (raw / name).read_text()


@pytest.mark.usefixtures("letters")
def test_an_export_into_the_same_folder_renews_the_files(ocrq: Ocrq, tmp_path: Path) -> None:
    for _ in range(2):
        result = ocrq("export", "letters", *ARCHIVE, "--format", "pdf", "-o", str(tmp_path / "o"))
        assert result.exit_code == ExitCode.DONE
    (tmp_path / "o" / "letter.alto.0002.xml").write_text("edited")
    result = ocrq("export", "letters", "--format", "alto", "-o", str(tmp_path / "o"))
    assert result.exit_code == ExitCode.USAGE
    assert "letter.alto.0002.xml, not written by ocrq" in result.stderr


def test_no_name_of_a_page_is_that_of_another_scan(
    ocrq: Ocrq, db: Database, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    documents = [
        make_document(b"/x/a.tif", pages=2),
        make_document(b"/x/a_0001.tif"),
        make_document(b"/x/a.0001.tif"),
        make_document(b"/x/a.alto.0001.tif"),
        make_document(b"/x/a.alto.tif", pages=2),
    ]
    batch = make_batch(db, *documents, name="five")
    for _ in range(7):
        finish(db, take(db, batch), "text")
    result = ocrq("export", "five", *ARCHIVE, "--json", "-o", str(out))
    assert result.exit_code == ExitCode.DONE
    assert len(_names(out)) == json.loads(result.stdout)["files"] == 7 + 7 + 5


def test_a_page_without_a_reading_has_its_file_that_says_why(
    ocrq: Ocrq, db: Database, tmp_path: Path
) -> None:
    batch = make_batch(db, make_document(b"/x/a.tif", pages=2), name="half")
    finish(db, take(db, batch), "text")
    fail(db, take(db, batch), "truncated", "it ends too early")
    result = ocrq("export", "half", *ARCHIVE, "-o", str(tmp_path))
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    for name in ("a.alto.0002.xml", "a.page.0002.xml", "a.hocr"):
        text = (tmp_path / name).read_text()
        assert "no reading: failed (truncated: it ends too early)" in text
        ElementTree.fromstring(text)
    files = json.loads((tmp_path / "ocrq-export.json").read_text())["files"]
    assert files["a.alto.0001.xml"]["missing_pages"] == []
    assert files["a.alto.0002.xml"]["missing_pages"] == [2]
    assert files["a.hocr"]["missing_pages"] == [2]


def test_a_scan_that_has_fewer_pages_now_leaves_no_file_of_the_others(
    ocrq: Ocrq, db: Database, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for name, pages in (("first", 4), ("second", 2), ("third", 1), ("fourth", 2)):
        batch = make_batch(db, make_document(b"/x/a.tif", pages=pages, mtime_ns=pages), name=name)
        for _ in range(pages):
            finish(db, take(db, batch), name)
        if name == "second":
            (out / "a.alto.0004.xml").write_text("edited by somebody")
        result = ocrq("export", name, "--format", "alto", "-o", str(out))
        assert result.exit_code == ExitCode.DONE, result.stderr
        found = _names(out)
        if name == "second":
            assert found == ["a.alto.0001.xml", "a.alto.0002.xml", "a.alto.0004.xml"]
            assert "removed: a.alto.0003.xml, of a page that its scan has no more" in result.stderr
            (out / "a.alto.0004.xml").unlink()
        elif name == "third":
            assert found == ["a.alto.xml"]
    assert _names(out) == ["a.alto.0001.xml", "a.alto.0002.xml"]
    files = json.loads((out / "ocrq-export.json").read_text())["files"]
    assert set(files) - {"a.alto.0004.xml"} == set(_names(out))


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("trouble", ["gone", "changed"])
def test_a_pdf_whose_scan_is_not_what_was_read_is_not_written(
    ocrq: Ocrq, tmp_path: Path, trouble: str
) -> None:
    out = tmp_path / "out"
    path = tmp_path / "letter.tif"
    if trouble == "gone":
        path.unlink()
    elif trouble == "changed":
        Image.new("L", (2000, 3000), 0).save(path)
    result = ocrq("export", "letters", "--format", "pdf", "--format", "alto", "-o", str(out))
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    assert _names(out) == ["letter.alto.0001.xml", "letter.alto.0002.xml"]
    reason = "was changed after it was submitted" if trouble == "changed" else "is not there any"
    assert f"no pdf: {path}, which it shows (letter.tif {reason}" in result.stderr
    as_json = ocrq("export", "letters", "--format", "pdf", "--json", "-o", str(out))
    (lost,) = json.loads(as_json.stdout)["lost_scans"]
    code = "changed" if trouble == "changed" else "vanished"
    assert (lost["path"], lost["error_code"]) == (str(path), code)


def test_a_pdf_that_cannot_be_made_leaves_the_one_before(
    ocrq: Ocrq, letters: Batch, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ocrq("export", "letters", "--format", "pdf", "-o", str(out))
    before = (out / "letter.pdf").read_bytes()
    (tmp_path / "letter.tif").unlink()
    ocrq("export", "letters", "--format", "pdf", "-o", str(out))
    assert (out / "letter.pdf").read_bytes() == before
    assert _names(out) == ["letter.pdf"], "no part of a file"


@pytest.mark.usefixtures("letters")
def test_a_scan_is_never_replaced_by_its_own_pdf(ocrq: Ocrq, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.pdf").symlink_to(tmp_path / "letter.tif")
    before = (tmp_path / "letter.tif").read_bytes()
    to = ("--output", str(tmp_path / "out"), "--force")
    result = ocrq("export", "letters", "--format", "pdf", *to)
    assert result.exit_code == ExitCode.USAGE
    assert "is a scan of this batch, and would be replaced" in result.stderr
    assert (tmp_path / "letter.tif").read_bytes() == before
    assert (tmp_path / "out" / "letter.pdf").is_symlink()
    assert ocrq("export", "letters", "--format", "alto", *to).exit_code == ExitCode.DONE


def test_a_scan_that_lies_elsewhere_is_found_by_the_path_map(
    db: Database, letters: Batch, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (tmp_path / "letter.tif").rename(there / "letter.tif")
    env = {"OCRQ_DATABASE_URL": db.url, "OCRQ_PATH_MAP": f"{tmp_path}={there}"}
    ocrq = make_ocrq(tmp_path / "home", **env)
    result = ocrq("export", "letters", "--format", "pdf", "-o", str(tmp_path / "out"))
    assert result.exit_code == ExitCode.DONE, result.stderr


def test_a_page_that_failed_is_its_picture_in_the_pdf(
    ocrq: Ocrq, db: Database, tmp_path: Path
) -> None:
    batch = make_batch(db, scan(tmp_path), name="half")
    finish(db, take(db, batch), "text")
    fail(db, take(db, batch), "engine", "it answered nonsense")
    result = ocrq("export", "half", "--format", "pdf", "-o", str(tmp_path / "out"))
    assert result.exit_code == ExitCode.SOME_PAGES_FAILED
    with pypdfium2.PdfDocument(tmp_path / "out" / "letter.pdf") as opened:
        assert [len(list(page.get_objects(filter=[3]))) for page in opened] == [1, 1]


def test_every_format_says_what_its_files_are() -> None:
    extensions = [form.extension for form in FORMATS.values()]
    assert len(set(extensions)) == len(extensions)
