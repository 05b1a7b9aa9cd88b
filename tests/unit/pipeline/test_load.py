from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.load import load_page
from tests.drawing import make_page

LIMITS = Limits()


def load(path: Path, frame: int = 0) -> npt.NDArray[np.uint8]:
    return load_page(os.fspath(path), frame, LIMITS).gray


def ramp(height: int = 6, width: int = 9) -> npt.NDArray[np.uint8]:
    return np.linspace(0, 255, height * width).astype(np.uint8).reshape(height, width)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_grey_comes_back_exactly(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(ramp()).save(path)
    assert np.array_equal(load(path), ramp())


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_formats_are_close(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    page = make_page(dpi=100)
    Image.fromarray(page).convert("RGB").save(path, quality=90)
    assert np.abs(load(path).astype(int) - page).mean() < 3


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA", "LA"])
def test_png_modes(tmp_path: Path, mode: str) -> None:
    page = np.where(ramp() > 127, 255, 0).astype(np.uint8)
    Image.fromarray(page).convert(mode).save(tmp_path / "a.png")
    assert np.array_equal(load(tmp_path / "a.png"), page)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB", "RGBA"])
def test_tiff_modes(tmp_path: Path, mode: str) -> None:
    page = np.where(ramp() > 127, 255, 0).astype(np.uint8)
    if mode == "LAB":
        grey = np.full_like(page, 128)
        image = Image.merge("LAB", [Image.fromarray(band) for band in (page, grey, grey)])
    else:
        image = Image.fromarray(page).convert("RGB").convert(mode)
    image.save(tmp_path / "a.tif")
    assert np.abs(load(tmp_path / "a.tif").astype(int) - page).max() <= 1


def test_luma_of_colour(tmp_path: Path) -> None:
    colour = Image.new("RGB", (4, 4), (200, 40, 90))
    colour.save(tmp_path / "a.png")
    colour.save(tmp_path / "a.jpg", quality=100, subsampling=0)
    expected = round(0.299 * 200 + 0.587 * 40 + 0.114 * 90)
    assert abs(int(load(tmp_path / "a.png")[0, 0]) - expected) <= 1
    assert abs(int(load(tmp_path / "a.jpg")[0, 0]) - expected) <= 2


def test_cmyk_jpeg(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (0, 0, 0, 255)).save(tmp_path / "black.jpg")
    Image.new("CMYK", (16, 16), (0, 0, 0, 0)).save(tmp_path / "white.jpg")
    assert load(tmp_path / "black.jpg").max() < 10
    assert load(tmp_path / "white.jpg").min() > 245


def test_16_bit(tmp_path: Path) -> None:
    wide = Image.fromarray(ramp().astype(np.uint16) * 257)
    wide.save(tmp_path / "a.png")
    wide.save(tmp_path / "a.tif")
    assert np.array_equal(load(tmp_path / "a.png"), ramp())
    assert np.array_equal(load(tmp_path / "a.tif"), ramp())


def test_16_bit_tiff_with_white_as_zero(tmp_path: Path) -> None:
    Image.fromarray(ramp().astype(np.uint16) * 257).save(tmp_path / "a.tif", tiffinfo={262: 0})
    assert np.array_equal(load(tmp_path / "a.tif"), 255 - ramp())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 128.0, 255.0]], np.float32), [0, 128, 255]),
        (np.array([[-1.0, np.nan, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255]),
        (np.array([[0, 7, 255]], np.int32), [0, 7, 255]),
    ],
)
def test_wide_tiffs_are_scaled(
    tmp_path: Path, values: npt.NDArray[np.generic], expected: list[int]
) -> None:
    Image.fromarray(values).save(tmp_path / "a.tif")
    assert load(tmp_path / "a.tif")[0].tolist() == pytest.approx(expected, abs=1)


def test_transparency_is_white_paper(tmp_path: Path) -> None:
    alpha = np.zeros((4, 4, 4), np.uint8)
    alpha[1:3, 1:3, 3] = 255  # black where it is opaque
    Image.fromarray(alpha).save(tmp_path / "rgba.png")
    palette = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8)).convert("P")
    palette.putpalette([0, 0, 0, 10, 10, 10])
    palette.save(tmp_path / "p.png", transparency=0)
    Image.fromarray(np.array([[7, 9]], np.uint8)).save(tmp_path / "l.png", transparency=7)
    wide = Image.fromarray(np.array([[300, 0]], np.uint16))
    wide.save(tmp_path / "i16.png", transparency=300)
    assert load(tmp_path / "rgba.png").tolist() == [
        [255, 255, 255, 255],
        [255, 0, 0, 255],
        [255, 0, 0, 255],
        [255, 255, 255, 255],
    ]
    assert load(tmp_path / "p.png").tolist() == [[255, 10], [10, 255]]
    assert load(tmp_path / "l.png").tolist() == [[255, 9]]
    assert load(tmp_path / "i16.png").tolist() == [[255, 0]]


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path: Path, suffix: str, orientation: int) -> None:
    page = np.full((40, 64), 255, np.uint8)
    page[8:16, 8:40] = 0
    page[16:32, 8:16] = 0
    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(page)
    path = tmp_path / f"a.{suffix}"
    image.save(path, exif=exif)
    image.getexif()[274] = orientation
    expected = np.asarray(ImageOps.exif_transpose(image))
    loaded = load_page(os.fspath(path), 0, LIMITS)
    assert loaded.gray.shape == expected.shape
    assert np.abs(loaded.gray.astype(int) - expected).mean() < 12
    assert loaded.scan_size_px == (64, 40)


def test_pages_of_a_bilevel_tiff(tmp_path: Path) -> None:
    pages = [make_page(f"page {n}", dpi=100) > 127 for n in range(3)]
    images = [Image.fromarray(page) for page in pages]
    path = tmp_path / "a.tif"
    images[0].save(
        path, save_all=True, append_images=images[1:], compression="group4", dpi=(100, 100)
    )
    for number, page in enumerate(pages):
        loaded = load_page(os.fspath(path), number, LIMITS)
        assert np.array_equal(loaded.gray, np.where(page, 255, 0))
        assert (loaded.dpi, loaded.dpi_is_estimated) == (100, False)
    with pytest.raises(PageError) as caught:
        load_page(os.fspath(path), 3, LIMITS)
    assert caught.value.code == "no_page"


def test_thumbnails_in_a_tiff_are_not_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    big, small = Image.fromarray(ramp(60, 90)), Image.fromarray(ramp(6, 9))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    big.save(path, save_all=True, append_images=[small, big])
    assert load(path, 1).shape == (60, 90)
    with pytest.raises(PageError):
        load(path, 2)


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9 \xff.png"
    Image.fromarray(ramp()).save(os.fsdecode(path))
    assert np.array_equal(load_page(path, 0, LIMITS).gray, ramp())
    assert np.array_equal(load_page(os.fsdecode(path), 0, LIMITS).gray, ramp())


def test_the_user_knows_the_resolution_better(tmp_path: Path) -> None:
    Image.fromarray(ramp(400, 300)).save(tmp_path / "a.png", dpi=(100, 100))
    path = os.fspath(tmp_path / "a.png")
    assert load_page(path, 0, LIMITS).dpi == 100
    loaded = load_page(path, 0, LIMITS, dpi=240)
    assert (loaded.dpi, loaded.dpi_is_estimated) == (240, False)


def test_a_fax_gets_square_pixels(tmp_path: Path) -> None:
    Image.fromarray(ramp(1000, 1728)).save(tmp_path / "fax.tif", dpi=(204, 98))
    loaded = load_page(os.fspath(tmp_path / "fax.tif"), 0, LIMITS)
    assert loaded.gray.shape == (2082, 1728)
    assert loaded.dpi == 204
    assert loaded.scan_size_px == (1728, 1000)


def test_a_file_that_vanished(tmp_path: Path) -> None:
    with pytest.raises(PageError) as caught:
        load_page(os.fspath(tmp_path / "a.png"), 0, LIMITS)
    assert caught.value.code == "vanished"


def test_storage_that_is_not_there_is_no_fault_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_page(os.fspath(tmp_path / "not mounted" / "a.png"), 0, LIMITS)


def test_pixels_are_counted_before_they_are_decoded(tmp_path: Path) -> None:
    Image.fromarray(ramp(100, 100)).save(tmp_path / "a.tif")
    with pytest.raises(PageError) as caught:
        load_page(os.fspath(tmp_path / "a.tif"), 0, Limits(max_pixels=9_999))
    assert caught.value.code == "page_too_large"
    assert "OCRQ_MAX_PIXELS" in str(caught.value)


def test_damage_found_only_by_decoding(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(make_page()).save(path, compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    data[200:400] = b"\xff" * 200
    path.write_bytes(data)
    with pytest.raises(PageError) as caught:
        load(path)
    assert caught.value.code == "unreadable"
