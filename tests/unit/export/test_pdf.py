"""Searchable PDF: read by two other programs, poppler and PDFium."""

from __future__ import annotations

import io
import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
from PIL import Image

from export.document import ExportDocument, ExportPage, TextStyle
from export.pdf import pdf_chunks
from export.pdf_font import InvisibleFont
from ocrq.errors import PageError
from ocrq.types import Box, LineResult, PageResult, PageState
from pipeline.limits import Limits
from pipeline.scans.gray import upright
from pipeline.scans.source import open_source
from pipeline.scans.stored_picture import StoredPicture, StoredPictures
from tests.drawing import make_page
from tests.exports import FAILED, document, done, rich_result
from tests.readings import make_result

Pixels = npt.NDArray[np.uint8]

TEXT = "Found on the morning ferry: a\nbook about bees, and one key"
DRAWN = make_page("picture", size_in=(1.0, 0.5))


def stored(folder: Path, image: Image.Image, name: str = "a.png", **how: object) -> StoredPicture:
    image.save(folder / name, **how)  # type: ignore[arg-type]
    source = open_source(os.fspath(folder / name), Limits())
    with source.file:
        return StoredPictures(source, Limits()).load(0)


@pytest.fixture
def picture(tmp_path: Path) -> StoredPicture:
    return stored(tmp_path, Image.new("L", (20, 30), 255))


def write(out: Path, picture: StoredPicture, *pages: ExportPage, **more: object) -> Path:
    given = replace(document(*pages), picture=lambda _: picture, **more)  # type: ignore[arg-type]
    out.write_bytes(b"".join(pdf_chunks(given)))
    return out


def poppler(program: str, *arguments: str | Path) -> str:
    if shutil.which(program) is None:
        assert "CI" not in os.environ
        pytest.skip("poppler-utils is not installed")
    command = [program, *(os.fspath(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def word_boxes(path: Path) -> list[tuple[str, tuple[float, ...]]]:
    """(word, x0, y0, x1, y1 in points from the upper left corner) as poppler sees them."""
    row = re.compile(
        r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
    )
    found = row.findall(poppler("pdftotext", "-bbox", path, "-"))
    return [(unescape(word), tuple(map(float, box))) for *box, word in found]


def pdfium_text(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as opened:
        return [page.get_textpage().get_text_range() for page in opened]


def test_the_text_is_found_with_its_spaces_in_reading_order(
    tmp_path: Path, picture: StoredPicture
) -> None:
    path = write(tmp_path / "a.pdf", picture, done(make_result(TEXT)))
    assert pdfium_text(path) == [TEXT.replace("\n", "\r\n")]
    assert poppler("pdftotext", "-raw", path, "-") == TEXT + "\n\f"
    assert poppler("pdftotext", path, "-").split() == TEXT.split()


def test_words_lie_where_they_were_read(tmp_path: Path, picture: StoredPicture) -> None:
    result = make_result(TEXT)
    path = write(tmp_path / "a.pdf", picture, done(result))
    found = word_boxes(path)
    assert [word for word, _ in found] == TEXT.split()
    (_, first), (_, last) = found[0], found[-1]
    k = 72 / result.dpi
    # The letters end on the baseline; poppler adds the font's room below it.
    assert first == pytest.approx((50 * k, 100 * k, 100 * k, 125 * k), abs=0.02)
    assert last[:3] == pytest.approx((300 * k, 130 * k, 330 * k), abs=0.02)
    assert "2000" not in poppler("pdfinfo", path)
    assert re.search(r"Page size: +480 x 720 pts", poppler("pdfinfo", path))


def test_words_that_touch_stay_two_words(tmp_path: Path, picture: StoredPicture) -> None:
    result = make_result("God give")
    (line,) = result.lines
    # The space has no room: the second word begins where the first one ends.
    boxes = [c.box if n < 3 else replace(c.box, x0_px=c.box.x0_px - 11, x1_px=c.box.x1_px - 11)
             for n, c in enumerate(line.chars)]  # fmt: skip
    chars = tuple(replace(c, box=box) for c, box in zip(line.chars, boxes, strict=True))
    page = done(replace(result, lines=(replace(line, chars=chars),)))
    path = write(tmp_path / "a.pdf", picture, page)
    assert poppler("pdftotext", "-raw", path, "-").split() == ["God", "give"]
    assert pdfium_text(path) == ["God give"]


def sloping(result: PageResult, skew_deg: float) -> PageResult:
    slope = math.tan(math.radians(skew_deg))

    def down(box: Box) -> Box:
        shift = 400 + round(slope * (box.x0_px + box.x1_px) / 2)
        return replace(box, y0_px=box.y0_px + shift, y1_px=box.y1_px + shift)

    def turned(line: LineResult) -> LineResult:
        chars = tuple(replace(c, box=down(c.box)) for c in line.chars)
        (x0, y0), (x1, y1) = line.baseline
        ends = ((x0, y0 + 400 + slope * x0), (x1, y1 + 400 + slope * x1))
        return replace(line, chars=chars, baseline=ends, box=Box.union(c.box for c in chars))

    return replace(result, lines=tuple(map(turned, result.lines)))


@pytest.mark.parametrize("skew_deg", [-7.0, -1.5, 3.0, 9.0])
def test_words_of_sloping_lines_stay_whole_and_follow_the_line(
    tmp_path: Path, picture: StoredPicture, skew_deg: float
) -> None:
    result = sloping(make_result(TEXT), skew_deg)
    path = write(tmp_path / "a.pdf", picture, done(result))
    found = word_boxes(path)
    assert sorted(word for word, _ in found) == sorted(TEXT.split())
    assert pdfium_text(path)[0].split() == TEXT.split()
    k = 72 / result.dpi
    for word, (x0, y0, x1, _) in found:
        line = result.lines[int(word not in TEXT.split("\n")[0].split())]
        slope = math.tan(math.radians(skew_deg))
        middle_px = (x0 + x1) / 2 / k
        above_px = line.baseline[0][1] + slope * (middle_px - line.baseline[0][0]) - y0 / k
        assert 18 <= above_px <= 26, "its letters are 20 px high"


def test_lines_that_slope_more_are_turned(tmp_path: Path, picture: StoredPicture) -> None:
    path = write(tmp_path / "a.pdf", picture, done(sloping(make_result(TEXT), 20.0)))
    assert pdfium_text(path)[0].split() == TEXT.split()


def test_all_of_unicode_and_hostile_text(tmp_path: Path, picture: StoredPicture) -> None:
    text = "ŝﬁ𝔄 m̃ (a\\) <b>& \N{SNOWMAN} endstream %PDF ]]> \x1b ẞ中"
    path = write(tmp_path / "a.pdf", picture, done(make_result(text)))
    expected = text.replace("\x1b", "\N{REPLACEMENT CHARACTER}").split()
    assert [word for word, _ in word_boxes(path)] == expected
    assert poppler("pdftotext", "-raw", path, "-").split() == expected


def test_a_font_has_codes_for_more_characters_than_unicode_has_spare_ones() -> None:
    font = InvisibleFont()
    codes = [font.encode(chr(0x20000 + n)) for n in range(0x801)]
    assert len(set(codes[:-1])) == 0x800 and codes[-1] == "FFFD"
    assert font.encode(chr(0x20000)) == codes[0]


def test_hostile_names_stay_text(tmp_path: Path, picture: StoredPicture) -> None:
    name = b"/scans/) >> endobj trailer (\xff\x00\nnews.tif"
    path = write(tmp_path / "a.pdf", picture, done(make_result("x")), path=name)
    with pypdfium2.PdfDocument(path) as opened:
        title = opened.get_metadata_dict()["Title"]
    assert (
        title
        == ") >> endobj trailer (\\xff\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}news.tif"
    )
    assert poppler("pdftotext", "-raw", path, "-").split() == ["x"]


def test_words_in_pictures_are_left_out_as_in_plain_text(
    tmp_path: Path, picture: StoredPicture
) -> None:
    page = done(rich_result())
    assert "~" not in pdfium_text(write(tmp_path / "a.pdf", picture, page))[0]
    style = TextStyle(with_picture_text=True)
    assert "~" in pdfium_text(write(tmp_path / "b.pdf", picture, page, style=style))[0]


def test_the_long_s_can_be_searched_as_s(tmp_path: Path, picture: StoredPicture) -> None:
    page = done(make_result("ſea"))
    assert pdfium_text(write(tmp_path / "a.pdf", picture, page)) == ["ſea"]
    style = TextStyle(round_s=True)
    assert pdfium_text(write(tmp_path / "b.pdf", picture, page, style=style)) == ["sea"]


def shown(path: Path, dpi: int = 150) -> Pixels:
    """The first page as PDFium draws it, grey; poppler's pictures are a pixel off."""
    with pypdfium2.PdfDocument(path) as opened:
        pixels = opened[0].render(scale=dpi / 72, grayscale=True).to_numpy()
    return np.asarray(pixels).reshape(pixels.shape[:2]).copy()


def taken_out(path: Path) -> Pixels:
    """The picture in a file, as poppler takes it out, grey."""
    poppler("pdfimages", "-png", path, path.with_suffix(""))
    (found,) = path.parent.glob(f"{path.stem}-*.png")
    return np.asarray(Image.open(found).convert("L"))


def page_of(pixels: Pixels, turn: int = 0) -> ExportPage:
    height, width = pixels.shape[:2]
    box = {"width_px": width, "height_px": height, "dpi": 150, "rotation_deg": turn}
    return done(replace(make_result(""), **box))


@pytest.mark.parametrize("kind", ["a.png", "b.tif", "colours.png", "c.jpg", "d.webp"])
def test_the_picture_is_the_scan(tmp_path: Path, kind: str) -> None:
    image = Image.fromarray(DRAWN)
    if kind == "b.tif":
        image = Image.fromarray(DRAWN > 128)
    elif kind == "colours.png":
        image = image.convert("RGB")
    pixels = np.asarray(image.convert("L"))
    path = write(tmp_path / "out.pdf", stored(tmp_path, image, kind), page_of(pixels))
    for found in (shown(path), taken_out(path)):
        difference = np.abs(found.astype(int) - pixels)
        assert difference.max() <= (60 if kind in ("c.jpg", "d.webp") else 0)
        assert difference.mean() < 1.5
    assert "150   150" in poppler("pdfimages", "-list", path)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pictures_are_turned_as_they_were_read(tmp_path: Path, orientation: int, turn: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    scan = stored(tmp_path, Image.fromarray(DRAWN), "a.jpg", exif=exif, quality=95)
    expected = np.rot90(upright(DRAWN, orientation), -turn // 90)
    path = write(tmp_path / "out.pdf", scan, page_of(expected, turn))
    assert scan.data in path.read_bytes(), "the scan's own bytes"
    drawn = shown(path)
    assert drawn.shape == expected.shape
    assert np.abs(drawn.astype(int) - expected).mean() < 3


def test_a_page_without_a_reading_is_its_picture_with_a_note(
    tmp_path: Path, picture: StoredPicture
) -> None:
    path = write(tmp_path / "a.pdf", picture, done(make_result("x")), FAILED)
    assert len(pdfium_text(path)) == 2
    note = "Page 2 has no reading: failed (truncated: it ends"
    assert ("\ufeff" + note).encode("utf-16-be").hex().encode() in path.read_bytes()
    assert "Pages:           2" in poppler("pdfinfo", path)


def test_a_page_that_has_no_picture_either_is_an_empty_sheet(tmp_path: Path) -> None:
    def no_picture(page: ExportPage) -> StoredPicture:
        raise PageError("truncated", "it ends too early")

    path = tmp_path / "a.pdf"
    path.write_bytes(b"".join(pdf_chunks(replace(document(FAILED), picture=no_picture))))
    assert pdfium_text(path) == [""]
    with pytest.raises(PageError):
        b"".join(pdf_chunks(replace(document(done(make_result("x"))), picture=no_picture)))


def test_a_page_that_killed_its_worker_is_not_decoded(tmp_path: Path) -> None:
    def deadly(page: ExportPage) -> StoredPicture:
        raise AssertionError("decoded")

    page = replace(FAILED, state=PageState.QUARANTINED, error_code="memory", error="too much")
    path = tmp_path / "a.pdf"
    path.write_bytes(b"".join(pdf_chunks(replace(document(page), picture=deadly))))
    assert pdfium_text(path) == [""]


def test_a_long_document_is_written_page_by_page(picture: StoredPicture) -> None:
    given: list[int] = []

    def pages() -> Iterator[ExportPage]:
        for number in range(1, 6):
            given.append(number)
            yield done(make_result("text"), number=number)

    exported = replace(document(), pages=pages(), picture=lambda _: picture)
    for chunk in pdf_chunks(exported):
        if b"/Type /Page\n" in chunk or b"/Type /Page " in chunk:
            assert chunk.count(b"/MediaBox") == 1
            last = given[-1]
            assert given == list(range(1, last + 1))
            break
    assert given == [1], "the first page was written before the second was asked for"


def test_the_same_export_gives_the_same_bytes(picture: StoredPicture) -> None:
    def whole() -> bytes:
        given: ExportDocument = replace(
            document(done(make_result("text"))), picture=lambda _: picture
        )
        return b"".join(pdf_chunks(given))

    assert whole() == whole()
    assert io.BytesIO(whole()).read(8) == b"%PDF-1.7"
