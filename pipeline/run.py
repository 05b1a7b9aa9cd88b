"""The whole way of a page: from a grey image to a `PageResult`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from ocrq.quality_gate import QualityGate
from ocrq.types import PageOptions, PageResult
from pipeline.assemble import assemble, place_furniture
from pipeline.engines.engine import Engine
from pipeline.engines.plausible import check_answer
from pipeline.image import PageImage
from pipeline.layout.beyond_sheet import set_beyond_apart
from pipeline.layout.page import arrange
from pipeline.lines import cut_lines
from pipeline.prepare import prepare_page
from pipeline.stages import Stages
from pipeline.surroundings import find_surroundings
from pipeline.tints import without_tints
from pipeline.word_list import load_word_list, settle_page


def process_page(
    image: PageImage,
    options: PageOptions,
    engine: Engine,
    gate: QualityGate | None = None,
    stages: Stages | None = None,
) -> PageResult:
    """Read one page.

    Args:
        image: the loaded page; it is not changed.
        options: what is done to the page before it is read.
        engine: reads the lines in one call, an empty sequence when there are none. A few of them
            are read before, up to five times, where letters don't tell which way up the page is.
        gate: from where on a page is flagged; the usual one when None.
        stages: is given pictures of the page on its way.

    Returns:
        Everything in pixels of the upright page; `elapsed_s` holds the seconds of each stage.
    """
    elapsed_s: dict[str, float] = {}

    height_px, width_px = image.gray.shape
    with _stage("clean", elapsed_s):
        scan = without_tints(image.gray) if options.clean else image.gray
    page, pieces = prepare_page(scan, options, engine, lambda name: _stage(name, elapsed_s), stages)
    if page.rotation_deg in (90, 270):
        height_px, width_px = width_px, height_px
    with _stage("layout", elapsed_s):
        letter_px = pieces.text_height_px / page.scale
        around = find_surroundings(scan, page, letter_px, turn_light=options.clean)
        pieces = set_beyond_apart(pieces, around.sides, page.mapping, letter_px)
        layout = arrange(pieces, page.mapping, around.dark)
        del pieces
    with _stage("lines", elapsed_s):
        images = cut_lines(page.gray, layout, page.mapping)
        kinds = [paragraph.kind for paragraph in layout.paragraphs]
        furniture = place_furniture(layout.furniture, page.mapping)
        if stages is not None:
            stages.lines = images
        del layout
    with _stage("read", elapsed_s):
        read = engine.read(images, options)
        check_answer(engine.info.name, images, read)
        words = load_word_list(options.words)
        read = settle_page(read, words)
    with _stage("assemble", elapsed_s):
        regions, lines = assemble(images, read, kinds, furniture, words)

    x_heights = [
        image.x_height_px / page.scale
        for image, line in zip(images, read, strict=True)
        if line.chars
    ]
    quality = replace(page.quality, x_height_px=float(np.median(x_heights)) if x_heights else None)
    return PageResult(
        width_px=width_px,
        height_px=height_px,
        dpi=options.dpi or image.dpi,
        dpi_is_estimated=image.dpi_is_estimated and options.dpi is None,
        rotation_deg=page.rotation_deg,
        skew_deg=page.skew_deg,
        quality=replace(quality, flags=(gate or QualityGate()).flags_of(quality)),
        regions=regions,
        lines=lines,
        engine=engine.info,
        elapsed_s=elapsed_s,
    )


@contextmanager
def _stage(name: str, elapsed_s: dict[str, float]) -> Iterator[None]:
    start_s = time.perf_counter()
    yield
    elapsed_s[name] = elapsed_s.get(name, 0.0) + time.perf_counter() - start_s
