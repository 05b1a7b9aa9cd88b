from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions, PageResult, RegionKind
from pipeline import prepare
from pipeline.deskew import Skew
from pipeline.engines.engine import Engine, LineImage, LineReading
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.overlay import draw_overlay
from pipeline.run import process_page
from pipeline.stages import Stages
from tests.drawing import make_page
from tests.engines.fake import FakeEngine

Gray = npt.NDArray[np.uint8]
TEXT = "The quick brown fox\njumps over the lazy dog\n\nPack my box with five"


def page_image(gray: Gray) -> PageImage:
    height, width = gray.shape
    return PageImage(gray=gray, dpi=150, dpi_is_estimated=False, scan_size_px=(width, height))


def read(gray: Gray, engine: Engine | None = None, **options: object) -> PageResult:
    made = engine or load_engine("tests.engines.fake:make_engine")
    return process_page(page_image(gray), PageOptions(**options), made)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def resnet() -> Engine:
    return load_engine("resnet")


def test_a_page_is_read_from_start_to_end() -> None:
    result = read(make_page(TEXT))

    assert [len(line.chars) for line in result.lines] == [16, 19, 17]
    assert [line.region for line in result.lines] == [0, 0, 1]
    assert [region.number for region in result.regions] == [0, 1]
    assert (result.width_px, result.height_px) == (750, 450)
    assert result.engine.name == "fake"
    assert result.quality.x_height_px == pytest.approx(13, abs=2)
    stages = ["clean", "binarize", "quality", "orient", "deskew", "flatten"]
    stages += ["layout", "lines", "read"]
    assert list(result.elapsed_s) == [*stages, "assemble"]


def test_boxes_and_baselines_follow_the_skew() -> None:
    level, skewed = read(make_page(TEXT)), read(make_page(TEXT, skew_deg=4.0))

    assert skewed.skew_deg == pytest.approx(4.0, abs=0.3)
    assert len(skewed.lines) == len(level.lines)
    (x0, y0), (x1, y1) = skewed.lines[1].baseline
    assert np.rad2deg(np.arctan2(y1 - y0, x1 - x0)) == pytest.approx(4.0, abs=0.5)
    chars = skewed.lines[1].chars
    assert chars[-1].box.y0_px > chars[0].box.y0_px + 10
    assert read(make_page(TEXT, skew_deg=4.0), deskew=False).skew_deg == 0.0


def test_a_blank_page_gives_an_empty_result() -> None:
    result = read(np.full((300, 200), 255, np.uint8))

    assert (result.lines, result.regions, result.text) == ((), (), "")
    assert result.quality.is_blank
    assert result.quality.x_height_px is None


def test_lines_that_the_engine_finds_empty_are_left_out() -> None:
    result = read(make_page(TEXT), load_engine("tests.engines.empty:make_engine"))
    assert (result.lines, result.regions) == ((), ())


def test_the_trained_engine_reads_clean_print(resnet: Engine) -> None:
    result = read(make_page("Total 1234.50\nfive boxing wizards", dpi=300, size_pt=11), resnet)

    right = sum(
        a == b for a, b in zip(result.text, "Total 1234.50\nfive boxing wizards", strict=False)
    )
    assert right >= 29  # of 33: the fixed page is no measure of the model
    for line in result.lines:
        for char in line.chars:
            assert 0.0 <= char.confidence <= 1.0
            assert len(char.alternatives) <= 3
            shares = [p for _, p in char.alternatives]
            assert shares == sorted(shares, reverse=True)
            assert char.confidence < 0.99 or not shares


def test_classes_restrict_what_is_answered(resnet: Engine) -> None:
    result = read(make_page("Order 5510 OIS", dpi=300), resnet, classes="digits", alternatives=1)

    (line,) = result.lines
    assert set(line.text) <= set("0123456789 ")
    assert all(len(c.alternatives) <= 1 for c in line.chars)


def test_spaces_are_characters_with_the_gap_as_box(resnet: Engine) -> None:
    (line,) = read(make_page("one two three", dpi=300), resnet, deskew=False).lines

    spaces = [k for k, c in enumerate(line.chars) if c.char == " "]
    assert spaces == [3, 7]
    for k in spaces:
        before, space, after = (line.chars[j].box for j in (k - 1, k, k + 1))
        assert before.x1_px <= space.x0_px < space.x1_px <= after.x0_px


def test_the_overlay_is_an_upright_picture_in_colour() -> None:
    page = make_page(TEXT)
    result = read(page)

    picture = draw_overlay(page, result)

    assert picture.shape == (*page.shape, 3)
    box = result.lines[0].chars[4].box  # the fake engine doubts every fifth character
    blue, green, red = picture[box.y0_px, box.x0_px].tolist()
    assert red > green
    assert red > blue
    box = result.lines[0].chars[0].box
    blue, green, red = picture[box.y0_px, box.x0_px].tolist()
    assert green > red


def test_dirt_is_kept_where_the_text_leaves_it_out() -> None:
    class Doubter(FakeEngine):
        """Thinks that the last line of a page is a stain."""

        def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
            readings = super().read(lines, options)
            return [*readings[:-1], replace(readings[-1], is_dirt=True)] if readings else []

    gray = make_page(["first line of words", "second line of words", "", "", "stain"], dpi=150)
    result = read(gray, Doubter())
    kinds = {region.number: region.kind for region in result.regions}
    assert [kinds[line.region] for line in result.lines] == [
        RegionKind.TEXT, RegionKind.TEXT, RegionKind.PICTURE_TEXT
    ]  # fmt: skip


@pytest.mark.parametrize(("skew_deg", "is_turned"), [(0.08, False), (0.6, True)])
def test_a_page_that_is_nearly_level_keeps_its_sharpness(
    skew_deg: float, is_turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slope = Skew(skew_deg=skew_deg, confidence=0.9, method="profile")
    monkeypatch.setattr(prepare, "estimate_skew", lambda _ink, _overview: slope)
    stages = Stages()
    engine = load_engine("tests.engines.fake:make_engine")
    result = process_page(page_image(make_page(TEXT)), PageOptions(), engine, stages=stages)
    assert result.skew_deg == skew_deg
    assert stages.cleaned is not None
    assert stages.straight is not None
    assert (stages.straight.shape != stages.cleaned.shape) == is_turned
    if not is_turned:
        np.testing.assert_array_equal(stages.straight, stages.cleaned)


def test_light_letters_on_a_plate_are_text() -> None:
    page = make_page(["Send this parcel by train", "", "to the harbour"], dpi=150, size_in=(6, 5))
    letters = make_page(["A15"], dpi=150, size_in=(2, 1.6), size_pt=60, margin_in=0.3)
    page[450:690, 500:800] = 255 - letters
    result = read(page)
    assert not [region for region in result.regions if region.kind is RegionKind.PICTURE]
    plate = [line for line in result.lines if line.box.x0_px > 480 and line.box.y0_px > 440]
    kinds = {region.number: region.kind for region in result.regions}
    assert [kinds[line.region] for line in plate] == [RegionKind.TEXT]
