"""Barcodes and QR codes are pictures; the digits below them and the text beside them are text."""

from __future__ import annotations

import numpy as np
import pytest

from ocrq.types import Box, PageOptions, PageResult, RegionKind
from pipeline.binarize import binarize
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.codes import find_codes
from pipeline.layout.components import find_components, text_height
from pipeline.layout.placed import Placed
from pipeline.run import process_page
from tests.drawing import make_page
from training.pagegen.fonts import FontSet, find_fonts
from training.pagegen.layouts import Receipt
from training.pagegen.truth import DrawnPage
from training.pagegen.wear import random_wear, wear_page

DPI = 200


def receipt(code: str, seed: int, *, strength: float = 0.0) -> DrawnPage:
    layout = Receipt(
        head=("THE CORNER SHOP", "Elm Square 12"),
        items=(("Bread rye", "2.10"), ("Milk 1L", "0.95"), ("Coffee 250g", "6.40")),
        sums=(("TOTAL", "9.45"),),
        foot=("THANK YOU",),
        code=code,  # type: ignore[arg-type]
        number="401234567893",
        seed=seed,
    )
    rng = np.random.default_rng(seed)
    page = layout.draw(FontSet(), DPI)
    return wear_page(page, random_wear(rng, strength=strength), rng) if strength else page


def codes_of(page: DrawnPage) -> tuple[Placed, ...]:
    found = find_components(binarize(page.gray))
    return find_codes(found, text_height(found))


def read(page: DrawnPage) -> PageResult:
    size = (page.gray.shape[1], page.gray.shape[0])
    image = PageImage(gray=page.gray, dpi=DPI, dpi_is_estimated=False, scan_size_px=size)
    return process_page(image, PageOptions(), load_engine("tests.engines.fake:make_engine"))


def covers(place: Placed, box: Box) -> bool:
    width = min(place.x1, box.x1_px) - max(place.x0, box.x0_px)
    height = min(place.y1, box.y1_px) - max(place.y0, box.y0_px)
    return width >= 0.95 * box.width_px and height >= 0.95 * box.height_px


@pytest.mark.parametrize("code", ["bars", "square"])
@pytest.mark.parametrize("seed", range(6))
def test_a_code_is_found(code: str, seed: int) -> None:
    page = receipt(code, seed)

    (found,) = codes_of(page)

    (true,) = [region.box for region in page.regions if region.kind is RegionKind.PICTURE]
    assert covers(found, true)


@pytest.mark.parametrize("code", ["bars", "square"])
@pytest.mark.parametrize("seed", range(3))
def test_a_worn_receipt_keeps_its_lines_and_gets_none_from_its_code(code: str, seed: int) -> None:
    page = receipt(code, seed, strength=0.3)

    result = read(page)

    assert sum(region.kind is RegionKind.PICTURE for region in result.regions) == 1
    aside = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
    lines = [line for line in result.lines if line.region not in aside]
    assert len(lines) == sum(1 for _ in page.lines)
    if code == "bars":
        digits = max(lines, key=lambda line: line.box.y0_px)
        assert len(digits.chars) in (11, 12)  # two may touch


def test_a_code_that_is_upside_down_has_its_rings_in_other_corners() -> None:
    page = receipt("square", 1)
    found = find_components(binarize(np.ascontiguousarray(page.gray[::-1, ::-1])))

    assert len(find_codes(found, text_height(found))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "llllllllllllllllllllllllllllll",
        "0o0o0O0O0o0o@0Q",
        "ooo\nooo\nooo\n@@@",
        "|||| |||| |||| ||||",
    ],
)
def test_letters_are_no_code(text: str) -> None:
    found = find_components(binarize(make_page(text, dpi=DPI)))

    assert find_codes(found, text_height(found)) == ()


def test_a_table_of_many_rules_is_no_code() -> None:
    page = make_page("\n".join(["words in a row of a table"] * 6), dpi=DPI)
    page[60:420, 60::30] = 0

    found = find_components(binarize(page))

    assert find_codes(found, text_height(found)) == ()


def test_dotted_digits_of_typewriters_are_no_code() -> None:
    fonts = find_fonts()
    page = Receipt(
        head=("00 00",), items=(("000", "000.00"),) * 4, sums=(("0000", "0.00"),), foot=("0",)
    ).draw(fonts, DPI)

    assert codes_of(page) == ()
