"""The pictures that documents hold: the scan's own bytes, or the same pixels."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.scans import stored_picture
from pipeline.scans.poppler import find_poppler
from pipeline.scans.source import open_source
from pipeline.scans.stored_picture import StoredPicture, StoredPictures
from tests.bad_files import pdf
from tests.drawing import make_page

PAGE = make_page("picture", size_in=(1.0, 0.5))


@contextmanager
def opened(path: Path, limits: Limits = Limits()) -> Iterator[StoredPictures]:  # noqa: B008
    source = open_source(os.fspath(path), limits)
    with source.file:
        yield StoredPictures(source, limits)


def load(path: Path, frame: int = 0, dpi: int | None = None) -> StoredPicture:
    with opened(path) as pictures:
        return pictures.load(frame, dpi)


def save(folder: Path, image: Image.Image, name: str, **how: object) -> Path:
    image.save(folder / name, **how)  # type: ignore[arg-type]
    return folder / name


def png_pixels(picture: StoredPicture) -> npt.NDArray[np.uint8]:
    """Only for rows that Pillow wrote: through a PNG file around the same stream."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    size = picture.width_px.to_bytes(4, "big") + picture.height_px.to_bytes(4, "big")
    colour = {1: b"\x00", 3: b"\x02"}[picture.channels]
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08" + colour + b"\0\0\0")
    file += chunk(b"IDAT", picture.data) + chunk(b"IEND", b"")
    return np.asarray(Image.open(io.BytesIO(file)))


def test_a_jpeg_file_stays_as_it_is(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    path = save(tmp_path, Image.fromarray(PAGE), "a.jpg", exif=exif)
    picture = load(path)
    assert picture.data == path.read_bytes()
    assert (picture.coding, picture.channels, picture.orientation) == ("jpeg", 1, 6)
    assert (picture.height_px, picture.width_px) == PAGE.shape


@pytest.mark.parametrize("how", [{"progressive": True}, {"quality": 30, "optimize": True}])
def test_other_usual_jpeg_files_stay_too(tmp_path: Path, how: dict[str, object]) -> None:
    path = save(tmp_path, Image.fromarray(PAGE).convert("RGB"), "a.jpg", **how)
    picture = load(path)
    assert (picture.data, picture.channels) == (path.read_bytes(), 3)


def test_a_jpeg_in_cmyk_says_that_adobe_inverts_it(tmp_path: Path) -> None:
    picture = load(save(tmp_path, Image.fromarray(PAGE).convert("CMYK"), "a.jpg"))
    assert (picture.channels, picture.is_inverted) == (4, True)


def test_a_jpeg_that_readers_of_pdf_do_not_know_is_written_anew(tmp_path: Path) -> None:
    path = save(tmp_path, Image.fromarray(PAGE), "a.jpg")
    data = path.read_bytes()
    assert stored_picture._plain_jpeg_channels(data) == 1
    # A frame of 12 bits, and one in arithmetic code.
    at = data.index(b"\xff\xc0")
    assert stored_picture._plain_jpeg_channels(data[: at + 4] + b"\x0c" + data[at + 5 :]) is None
    assert stored_picture._plain_jpeg_channels(data.replace(b"\xff\xc0", b"\xff\xc9")) is None
    assert stored_picture._plain_jpeg_channels(data[:10]) is None


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp"])
def test_what_has_lost_nothing_loses_nothing(tmp_path: Path, mode: str, name: str) -> None:
    image = Image.fromarray(PAGE).convert(mode)
    picture = load(save(tmp_path, image, name))
    assert picture.coding == "png"
    assert np.array_equal(png_pixels(picture), np.asarray(image))


def test_two_colours_are_one_strip_of_g4(tmp_path: Path) -> None:
    # So high that Pillow's own choice would be several strips, which cannot be joined.
    tall = Image.fromarray(np.random.default_rng(1).integers(0, 2, (3000, 500)) > 0)
    picture = load(save(tmp_path, tall, "a.tif", compression="group4"))
    assert (picture.coding, picture.channels) == ("g4", 1)
    assert (picture.width_px, picture.height_px) == (500, 3000)


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_what_is_transparent_shows_white_paper(tmp_path: Path, name: str) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    picture = load(save(tmp_path, image, name, lossless=True))
    if picture.coding == "png":
        assert png_pixels(picture).min() == 255
    else:
        assert np.asarray(Image.open(io.BytesIO(picture.data))).min() > 250


@pytest.mark.parametrize("mode", ["P", "I;16", "LA", "CMYK"])
def test_other_pixel_formats_become_grey_or_colours(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(PAGE)
    name = "a.tif" if mode == "CMYK" else "a.png"
    wide = Image.fromarray(PAGE.astype(np.uint16) * 257)
    image = wide if mode == "I;16" else image.convert(mode)
    picture = load(save(tmp_path, image, name))
    shown = Image.fromarray(png_pixels(picture)).convert("L")
    assert np.abs(np.asarray(shown).astype(int) - PAGE).max() <= 2


def test_pages_of_a_tiff_in_order_again_and_none_beyond(tmp_path: Path) -> None:
    sheets = [Image.new("L", (10 + n, 10), 255) for n in range(4)]
    path = save(tmp_path, sheets[0], "a.tif", save_all=True, append_images=sheets[1:])
    with opened(path) as pictures:
        assert [pictures.load(n).width_px for n in (0, 1, 3, 2, 2)] == [10, 11, 13, 12, 12]
        with pytest.raises(PageError, match="no page 9"):
            pictures.load(8)
        assert pictures.load(0).width_px == 10


def test_pixels_are_counted_before_they_are_decoded(tmp_path: Path) -> None:
    path = save(tmp_path, Image.fromarray(PAGE), "a.png")
    with opened(path, Limits(max_pixels=100)) as pictures, pytest.raises(PageError) as caught:
        pictures.load(0)
    assert caught.value.code == "page_too_large"


def test_damage_is_an_error_of_the_page(tmp_path: Path) -> None:
    path = save(tmp_path, Image.fromarray(PAGE), "a.png")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(PageError):
        load(path)


@pytest.mark.parametrize("has_poppler", [True, False])
def test_a_page_of_a_pdf_keeps_its_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_poppler: bool
) -> None:
    if not has_poppler:
        monkeypatch.setattr(stored_picture, "find_poppler", lambda: None)
    elif find_poppler() is None:
        pytest.skip("poppler-utils is not installed")
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([b"1 0 0 rg 20 10 40 30 re f", b"20 10 40 30 re f"], size_pt=(144, 72)))
    red = load(path, 0, dpi=72)
    assert (red.coding, red.channels, red.width_px, red.height_px) == ("jpeg", 3, 144, 72)
    pixel = np.asarray(Image.open(io.BytesIO(red.data)))[72 - 25, 40]
    assert np.abs(pixel.astype(int) - (255, 0, 0)).max() < 20
    assert load(path, 1, dpi=72).channels == 1
