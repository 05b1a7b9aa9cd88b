"""A child process that renders one PDF page with PDFium: `python -m pipeline.scans.pdfium_page`.

It is a process of its own because PDFium can crash or run for ever on a hostile file. The comment
line of its PGM carries the resolution chosen.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from ocrq.errors import PageError
from pipeline.scans.page_child import COLOUR, Ended, limit_processor_time
from pipeline.scans.pdf_dpi import render_dpi, rendered_size_px
from pipeline.scans.pdfium import open_pdf, page_size_pt, placed_images


def main(arguments: list[str], output: BinaryIO) -> Ended:
    """Write one page as PGM.

    Args:
        arguments: path, processor time, s, that it may take, page (from 0), resolution asked for
            or 0, resolution of drawn pages, most pixels that may be rendered;
            and `COLOUR` for a PPM.
        output: receives the PGM.
    """
    path = Path(arguments[0])
    cpu_s, frame, asked_dpi, pdf_dpi, max_pixels = map(int, arguments[1:6])
    in_colour = COLOUR in arguments[6:]
    limit_processor_time(cpu_s)
    with path.open("rb") as file:
        try:
            with open_pdf(file, path.name) as document:
                if frame >= len(document):
                    return Ended.NO_PAGE
                size_pt = page_size_pt(document, frame)
                if size_pt is None:
                    return Ended.DAMAGED
                if document.get_formtype():
                    document.init_forms()
                page = document[frame]
                dpi = float(asked_dpi) or render_dpi(placed_images(page), size_pt, pdf_dpi)
                width, height = rendered_size_px(size_pt, dpi)
                if width * height > max_pixels:
                    output.write(_header(dpi, width, height))
                    return Ended.TOO_LARGE
                # A little less, because the size is rounded up.
                bitmap = page.render(
                    scale=dpi / 72 - 1e-6, grayscale=not in_colour, rev_byteorder=in_colour
                )
                pixels = bitmap.to_numpy()
                output.write(_header(dpi, pixels.shape[1], pixels.shape[0], in_colour))
                for row in pixels:
                    output.write(row.tobytes())
        except PageError as exc:
            return Ended.ENCRYPTED if exc.code == "encrypted" else Ended.DAMAGED
    return Ended.WRITTEN


def _header(dpi: float, width_px: int, height_px: int, in_colour: bool = False) -> bytes:
    kind = "P6" if in_colour else "P5"
    return f"{kind}\n# dpi {dpi:.2f}\n{width_px} {height_px}\n255\n".encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout.buffer))
