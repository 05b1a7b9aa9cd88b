"""How well boxes of characters fit on drawn pages: python -m bench.boxes [--engine NAME].

Intersection over union with the true boxes of the glyphs, over characters that were read right.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.types import PageOptions
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.run import process_page
from training.evaluation.boxes import box_overlaps
from training.pagegen.fonts import find_fonts
from training.pagegen.pages import PageKind, draw_page

#: Pages of running lines, without bends; tables and forms have few characters.
_KINDS = (PageKind.LETTER, PageKind.ARTICLE, PageKind.RECEIPT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="crnn")
    parser.add_argument("--pages", type=int, default=4, help="of each kind")
    parser.add_argument("--strength", type=float, default=0.5, help="of the wear, 0..1")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    engine, fonts = load_engine(asked.engine), find_fonts()
    rows = []
    everything = []
    for kind in _KINDS:
        overlaps = []
        for seed in range(asked.pages):
            page = draw_page(kind, seed, fonts=fonts, strength=asked.strength)
            size = (page.gray.shape[1], page.gray.shape[0])
            image = PageImage(
                gray=page.gray, dpi=page.dpi, dpi_is_estimated=False, scan_size_px=size
            )
            options = PageOptions(engine=asked.engine, orient=False)
            overlaps.append(box_overlaps(page, process_page(image, options, engine)))
        rows.append(_row(kind.value, np.concatenate(overlaps)))
        everything += overlaps
    rows.append(_row("all", np.concatenate(everything)))
    print(f"{describe_machine()}; engine {engine.info.name} {engine.info.version}\n")
    print(markdown_table(["pages", "characters", "median IoU", "5th percentile", "mean"], rows))


def _row(name: str, overlaps: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[str]:
    low, middle = np.percentile(overlaps, (5, 50))
    return [name, f"{len(overlaps):,}", f"{middle:.3f}", f"{low:.3f}", f"{overlaps.mean():.3f}"]


if __name__ == "__main__":
    main()
