from __future__ import annotations

import numpy as np
import pytest

from ocrq.types import Box, RegionKind
from training.pagegen.fonts import FontSet, Style, find_fonts
from training.pagegen.layouts import Article, Form, Letter, Receipt, Table
from training.pagegen.pages import Layout, PageKind, draw_page
from training.pagegen.sheet import Cell, Sheet, Type
from training.pagegen.truth import DrawnPage
from training.pagegen.wear import Wear, random_wear, wear_page

FONTS = FontSet()  # Pillow's own
DPI = 100


def sheet(width_pt: float = 300, height_pt: float = 200, dpi: int = DPI) -> Sheet:
    return Sheet(width_pt=width_pt, height_pt=height_pt, dpi=dpi, fonts=FONTS)


def ink_in(page: DrawnPage, box: Box) -> float:
    return float((page.gray[box.y0_px : box.y1_px, box.x0_px : box.x1_px] < 128).sum())


def one_line(text: str = "Hand written", skew_deg: float = 0.0) -> DrawnPage:
    paper = sheet()
    paper.line(text, Type(size_pt=20), x_pt=30, y_pt=80)
    wear = Wear(skew_deg=skew_deg)
    return wear_page(paper.finish(), wear, np.random.default_rng(0))


@pytest.mark.parametrize("skew_deg", [0.0, 4.0, -4.0])
def test_all_ink_lies_in_the_boxes_of_characters(skew_deg: float) -> None:
    page = one_line(skew_deg=skew_deg)
    rest = page.gray.copy()
    for line in page.lines:
        for word in line.words:
            assert len(word.chars) == len(word.text)
            for box in word.chars:
                assert ink_in(page, box) > 0
                rest[max(0, box.y0_px - 1) : box.y1_px + 1, box.x0_px - 1 : box.x1_px + 1] = 255
    assert (rest < 128).sum() <= 3


def test_boxes_of_characters_end_where_their_ink_does() -> None:
    text = "i l . A W 1 : ("
    paper = sheet(width_pt=500)
    paper.line(text, Type(size_pt=40), x_pt=30, y_pt=80)
    page = paper.finish()
    (line,) = page.lines
    for word in line.words:
        (box,) = word.chars
        around = page.gray[:, box.x0_px - 4 : box.x1_px + 4] < 255
        columns, rows = np.flatnonzero(around.any(axis=0)), np.flatnonzero(around.any(axis=1))
        x0, y0, x1, y1 = (
            box.x0_px - 4 + columns[0],
            rows[0],
            box.x0_px - 3 + columns[-1],
            rows[-1] + 1,
        )
        off = np.subtract((x0, y0, x1, y1), (box.x0_px, box.y0_px, box.x1_px, box.y1_px))
        assert np.abs(off).max() <= 1, word.text


def test_positive_skew_runs_downhill() -> None:
    page = one_line("A long line of words", skew_deg=3.0)
    (line,) = page.lines
    (x0, y0), (x1, y1) = line.baseline
    assert np.degrees(np.arctan2(y1 - y0, x1 - x0)) == pytest.approx(3.0, abs=0.01)
    ys, xs = np.nonzero(page.gray < 128)
    slope = np.polyfit(xs, ys, 1)[0]
    assert np.degrees(np.arctan(slope)) == pytest.approx(3.0, abs=0.7)
    assert page.skew_deg == 3.0


def test_paragraphs_are_wrapped_and_justified() -> None:
    paper = sheet()
    text = "one two three four five six seven eight nine ten eleven twelve"
    end = paper.paragraph(text, Type(size_pt=12), x_pt=20, y_pt=20, width_pt=120, justified=True)
    page = paper.finish()
    (region,) = page.regions
    assert region.text.replace("\n", " ") == text
    assert len(region.lines) > 2
    right = (20 + 120) * DPI / 72
    for line in region.lines[:-1]:
        assert line.box.x1_px == pytest.approx(right, abs=2)
    assert end == pytest.approx(20 + len(region.lines) * 12 * 1.3)


def test_text_is_written_as_ocrq_exports_it() -> None:
    paper = sheet()
    type_ = Type(size_pt=12)
    paper.paragraph("first\nsecond", type_, x_pt=20, y_pt=20, width_pt=200)
    paper.rule(20, 60, 200, 60)
    paper.row([Cell(text="left", x_pt=20), Cell(text="9.50", x_pt=200)], type_, y_pt=70)
    paper.line("below", type_, x_pt=20, y_pt=90, continues=True)
    page = paper.finish()
    assert page.text == "first\nsecond\n\nleft 9.50\nbelow\n"
    assert [region.kind for region in page.regions] == [
        RegionKind.TEXT,
        RegionKind.RULE,
        RegionKind.TEXT,
    ]


@pytest.mark.parametrize("kind", list(PageKind))
def test_the_seed_decides_everything(kind: PageKind) -> None:
    pages = [draw_page(kind, seed, fonts=FONTS, dpi=60) for seed in (1, 1, 2)]
    assert np.array_equal(pages[0].gray, pages[1].gray)
    assert pages[0].regions == pages[1].regions
    assert pages[0].text != pages[2].text
    height, width = pages[0].gray.shape
    for region in pages[0].regions:
        assert region.box.x1_px <= width
        assert region.box.y1_px <= height


@pytest.mark.parametrize(
    "wear",
    [
        Wear(ink=60, paper=220),
        Wear(light=0.4),
        Wear(blur_px=1.5),
        Wear(noise=12.0),
        Wear(dropout=0.1),
        Wear(jpeg_quality=30),
    ],
)
def test_each_kind_of_wear_leaves_the_text_visible(wear: Wear) -> None:
    clean = one_line("HEAVY TYPE")
    worn = wear_page(clean, wear, np.random.default_rng(0))
    assert worn.regions == clean.regions
    assert not np.array_equal(worn.gray, clean.gray)
    (line,) = worn.lines
    box = line.box
    inside = worn.gray[box.y0_px : box.y1_px, box.x0_px : box.x1_px]
    assert np.percentile(inside, 5) < np.median(worn.gray) - 60


def test_specks_are_counted_by_area() -> None:
    paper = sheet(width_pt=720, height_pt=720).finish()
    worn = wear_page(paper, Wear(specks=3.0), np.random.default_rng(5))
    share = (worn.gray < 128).mean()
    assert 0 < share < 0.05


def test_random_wear_stays_in_range() -> None:
    rng = np.random.default_rng(3)
    for strength in (0.0, 1.0):
        for _ in range(50):
            wear = random_wear(rng, strength=strength)
            assert wear.ink < wear.paper <= 255
            assert -5 <= wear.skew_deg <= 5


def test_layouts_say_what_was_put_in() -> None:
    pages: dict[str, Layout] = {
        "letter": Letter(sender=("A. Holt",), date="1.1.1901", paragraphs=("Dear Sir,", "yours")),
        "article": Article(
            title="Tides", byline="B. Marsh", paragraphs=("left " * 20, "right " * 20), footer="7"
        ),
        "receipt": Receipt(
            head=("SHOP", "ROAD 1"),
            items=(("Tea", "1.20"),),
            sums=(("SUM", "1.20"),),
            foot=("BYE",),
        ),
        "table": Table(
            title="Wages", header=("Name", "Paid"), rows=(("Ann", "12"),), columns_pt=(100, 60)
        ),
        "form": Form(
            title="Form", note="Write.", fields=(("Name", "Ann"),), combs=(("No", "123"),)
        ),
    }
    texts = {name: layout.draw(FONTS, 60).text for name, layout in pages.items()}
    assert texts["letter"] == "A. Holt\n\n1.1.1901\n\nDear Sir,\n\nyours\n"
    assert texts["article"].split() == [
        *("Tides", "B.", "Marsh"),
        *["left"] * 20,
        *["right"] * 20,
        "7",
    ]
    assert texts["receipt"] == "SHOP\nROAD 1\n\nTea 1.20\n\nSUM 1.20\n\nBYE\n"
    assert texts["table"] == "Wages\n\nName Paid\nAnn 12\n"
    assert texts["form"] == "Form\n\nWrite.\n\nName Ann\nNo 1 2 3\n"


def test_fonts_fall_back_to_the_built_in_one() -> None:
    assert FONTS.missing == tuple(Style)
    assert find_fonts(()).missing == tuple(Style)
    assert FONTS.at(Style.SERIF, 20).getlength("word") > 0
