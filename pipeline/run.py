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
from pipeline.binarize import binarize
from pipeline.clean import clean_page
from pipeline.deskew import estimate_skew, rotate_gray
from pipeline.engines.engine import Engine
from pipeline.engines.plausible import check_answer
from pipeline.flatten import Flattening, estimate_bend, flatten_gray
from pipeline.image import PageImage
from pipeline.layout.page import arrange, find_pieces
from pipeline.lines import cut_lines
from pipeline.orient import estimate_orientation, rotate_quarter
from pipeline.orient_text import settle_orientation
from pipeline.quality import measure_quality
from pipeline.rotation import PageMapping, Rotation
from pipeline.word_list import load_word_list, settle_by_words


def process_page(
    image: PageImage, options: PageOptions, engine: Engine, gate: QualityGate | None = None
) -> PageResult:
    """Read one page.

    Args:
        image: the loaded page; it is not changed.
        options: what is done to the page before it is read.
        engine: reads the lines in one call, an empty sequence when there are none. A few of them
            are read before, up to four times, where letters don't tell which way up the page is.
        gate: from where on a page is flagged; the usual one when None.

    Returns:
        Everything in pixels of the upright page; `elapsed_s` holds the seconds of each stage.
    """
    elapsed_s: dict[str, float] = {}

    with _stage("clean", elapsed_s):
        scan = image.gray
        gray = clean_page(scan) if options.clean else scan
    with _stage("binarize", elapsed_s):
        ink = binarize(gray)
    with _stage("orient", elapsed_s):
        rotation_deg = 0
        if options.orient:
            seen = estimate_orientation(ink)
            rotation_deg = settle_orientation(gray, ink, seen, options, engine).rotation_deg
        scan, gray = rotate_quarter(scan, rotation_deg), rotate_quarter(gray, rotation_deg)
        ink = np.ascontiguousarray(np.rot90(ink, -rotation_deg // 90))
    with _stage("quality", elapsed_s):
        quality = measure_quality(scan, ink)
    with _stage("deskew", elapsed_s):
        height_px, width_px = gray.shape
        skew_deg = estimate_skew(ink).skew_deg if options.deskew else 0.0
        rotation = Rotation.of(width_px, height_px, -skew_deg)
        upright = gray
        if skew_deg:
            gray = rotate_gray(upright, -skew_deg)
            ink = binarize(gray)
    with _stage("flatten", elapsed_s):
        pieces = find_pieces(ink)
        mapping: PageMapping = rotation
        bend = (
            estimate_bend(pieces.found, pieces.chains, pieces.text_height_px)
            if options.deskew
            else None
        )
        if bend is not None:
            mapping = Flattening.of(rotation, bend)
            gray = flatten_gray(upright, mapping)
            pieces = find_pieces(binarize(gray))
        del ink, upright
    with _stage("layout", elapsed_s):
        layout = arrange(pieces)
        del pieces
    with _stage("lines", elapsed_s):
        images = cut_lines(gray, layout, mapping)
        kinds = [paragraph.kind for paragraph in layout.paragraphs]
        furniture = place_furniture(layout.furniture, mapping)
        del layout
    with _stage("read", elapsed_s):
        read = engine.read(images, options)
        check_answer(engine.info.name, images, read)
        if options.words is not None:
            words = load_word_list(options.words)
            read = [settle_by_words(line, words) for line in read]
    with _stage("assemble", elapsed_s):
        regions, lines = assemble(images, read, kinds, furniture)

    x_heights = [image.x_height_px for image, line in zip(images, read, strict=True) if line.chars]
    quality = replace(quality, x_height_px=float(np.median(x_heights)) if x_heights else None)
    return PageResult(
        width_px=width_px,
        height_px=height_px,
        dpi=options.dpi or image.dpi,
        dpi_is_estimated=image.dpi_is_estimated and options.dpi is None,
        rotation_deg=rotation_deg,
        skew_deg=skew_deg,
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
    elapsed_s[name] = time.perf_counter() - start_s
