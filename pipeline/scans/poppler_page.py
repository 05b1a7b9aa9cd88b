"""Run as a program: a child process that renders one PDF page with pdf2image.

pdf2image starts poppler's programs and waits for them. That happens in a process of its own because
pdf2image does not bound their processor time, starts two of them without a timeout, does not say
how they ended, and holds in memory the page twice and each warning that a hostile file causes.
"""

from __future__ import annotations

import resource
import sys
from typing import BinaryIO

from pdf2image import convert_from_path
from pdf2image.exceptions import (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
)
from PIL import Image

from pipeline.scans.page_child import COLOUR, Ended, limit_processor_time

#: Share of the processor time after which a program without an answer was ended by the limit. The
#: kernel counts the limit in ticks and the time used exactly; the two differ by a little.
_USED_UP = 0.9


def main(arguments: list[str], output: BinaryIO) -> Ended:
    """Write one page as PGM.

    Args:
        arguments: path, processor time, s, that each program may take, page (from 0), resolution,
            longest wait for poppler, s; and `COLOUR` for a PPM.
        output: receives the PGM.
    """
    path, (cpu_s, frame, dpi, timeout_s) = arguments[0], map(int, arguments[1:5])
    limit_processor_time(cpu_s)
    # The parent knows the size from pdfinfo before it starts this, and checks the answer's.
    Image.MAX_IMAGE_PIXELS = None
    try:
        # No poppler_path: pdf2image would put the working directory into LD_LIBRARY_PATH.
        pages = convert_from_path(
            path,
            dpi=dpi,
            first_page=frame + 1,
            last_page=frame + 1,
            grayscale=COLOUR not in arguments[5:],
            use_cropbox=True,
            timeout=timeout_s,
        )
        if pages:
            pages[0].save(output, "PPM")
            return Ended.WRITTEN
    except PDFPopplerTimeoutError:
        return Ended.TIMED_OUT
    except PDFInfoNotInstalledError:
        return Ended.NOT_STARTED
    except (PDFPageCountError, PDFSyntaxError, ValueError):
        pass  # pdfinfo was ended, or the page's header is no header
    except OSError as exc:
        if exc.errno is not None:  # Pillow's own, for a page that is not whole, have none
            return Ended.NOT_STARTED
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    is_used_up = used.ru_utime + used.ru_stime >= _USED_UP * cpu_s
    return Ended.TOO_SLOW if is_used_up else Ended.DAMAGED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout.buffer))
