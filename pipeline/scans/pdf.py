"""One page of a PDF as an image, rendered by a child process that may crash or be killed.

pdf2image does it with poppler (`poppler_page.py`); where poppler is not installed or yields
nothing, PDFium does (`pdfium_page.py`).
"""

from __future__ import annotations

import errno
import math
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
import numpy.typing as npt

from ocrq.errors import PageError
from pipeline.image import GrayImage
from pipeline.limits import Limits
from pipeline.page_errors import encrypted, no_page, unreadable
from pipeline.scans.page_child import COLOUR, Ended
from pipeline.scans.pdf_dpi import render_dpi, rendered_size_px
from pipeline.scans.poppler import Poppler, page_size_pt, placed_images
from pipeline.scans.source import Source

#: Waiting is counted less strictly than work: a busy machine must not fail a page.
_WAIT_FACTOR = 5.0
_POPPLER = "pipeline.scans.poppler_page"
_PDFIUM = "pipeline.scans.pdfium_page"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedPage:
    """A page of a PDF and the resolution it was rendered at."""

    pixels: npt.NDArray[np.uint8]  # (H, W), 0 = black; in colour (H, W, 3), RGB
    dpi: float

    @property
    def gray(self) -> GrayImage:
        """The pixels of a page that was not asked for in colour."""
        return self.pixels


def render_pdf_page(
    source: Source,
    frame: int,
    limits: Limits,
    *,
    dpi: int | None,
    poppler: Poppler | None,
    in_colour: bool = False,
) -> RenderedPage:
    """Render page `frame` (from 0).

    Args:
        source: an open PDF.
        frame: page number from 0.
        limits: bound on pixels and processor time; resolution of pages that are not scans.
        dpi: resolution asked for; None: the scan's own, see `pipeline.scans.pdf_dpi`.
        poppler: the programs to use; None: PDFium.
        in_colour: pixels are RGB.

    Raises:
        PageError: codes `encrypted`, `no_page`, `unreadable`, `page_too_large`, `page_too_slow`.
        MemoryError: the machine has too little memory for it just now.
        OSError: the storage is in trouble; trying again later may work.
    """
    what = f"page {frame + 1} of {source.name}"
    seconds = max(1, round(limits.pdf_render_s))
    wait_s = _WAIT_FACTOR * seconds

    def run(module: str, *asked: int) -> tuple[int, RenderedPage | None]:
        # -P: what lies in the working directory is not imported.
        child = [sys.executable, "-P", "-m", module, os.fspath(source.path), str(seconds)]
        colour = [COLOUR] if in_colour else []
        return run_renderer([*child, *map(str, asked), *colour], what, limits, wait_s, in_colour)

    status: int = Ended.DAMAGED
    page: RenderedPage | None = None
    if poppler is not None:
        size_pt = page_size_pt(poppler, source.path, frame, source.name, wait_s)
        chosen_dpi = dpi
        if chosen_dpi is None:
            images = placed_images(poppler, source.path, frame, wait_s)
            chosen_dpi = round(render_dpi(images, size_pt, limits.pdf_dpi))
        limits.check_pixels(*rendered_size_px(size_pt, chosen_dpi), what)
        status, page = run(_POPPLER, frame, chosen_dpi, math.ceil(wait_s))
        if page is not None:
            page = RenderedPage(pixels=page.pixels, dpi=chosen_dpi)
    if page is None and status == Ended.DAMAGED:
        # Poppler is not installed, or crashed, or was killed: pdf2image does not say. PDFium may
        # still draw the page, and how its process ends is known.
        status, page = run(_PDFIUM, frame, dpi or 0, limits.pdf_dpi, limits.max_pixels)
    if status == Ended.NO_PAGE:
        raise no_page(source.name, frame + 1)
    if page is None:
        raise _why_not(status, what, seconds)
    return page


def run_renderer(
    command: Sequence[str], what: str, limits: Limits, wait_s: float, in_colour: bool = False
) -> tuple[int, RenderedPage | None]:
    """Run a program that writes one PGM, or PPM; it is killed if it takes too long.

    Args:
        command: program and arguments.
        what: the page, for messages.
        limits: the size is checked before any pixel is read.
        wait_s: how long to wait for it.
        in_colour: it is to write a PPM.

    Returns:
        Its exit status (negative: the signal that ended it) and the page, None if none came.

    Raises:
        PageError: code `page_too_large`.
        TimeoutError: it neither worked nor ended, as when its storage hangs.
    """
    overdue = threading.Event()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=0,  # killed with what it started; Ctrl-C leaves it to finish its page
    ) as process:

        def kill() -> None:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)

        def give_up() -> None:
            overdue.set()
            kill()

        timer = threading.Timer(wait_s, give_up)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdout is not None
            page = _read_page(process.stdout, what, limits, in_colour)
            process.stdout.close()  # what it may still write is not wanted: it ends by SIGPIPE
            status = process.wait()
        except BaseException:
            kill()
            raise
        finally:
            timer.cancel()
    if overdue.is_set() and page is None:
        raise _hangs(what)
    return status, page


def _read_page(
    stream: IO[bytes], what: str, limits: Limits, in_colour: bool
) -> RenderedPage | None:
    header: list[bytes] = []
    dpi = 0.0
    while len(header) < 3:
        line = stream.readline(256)
        if not line:
            return None
        if line.startswith(b"#"):
            dpi = float(line.split()[-1])
        else:
            header.append(line)
    size = re.fullmatch(rb"(\d{1,7}) (\d{1,7})\n", header[1])
    if header[0] != (b"P6\n" if in_colour else b"P5\n") or size is None:
        return None
    width, height = int(size[1]), int(size[2])
    limits.check_pixels(width, height, what)
    pixels = np.empty((height, width, 3) if in_colour else (height, width), dtype=np.uint8)
    wanted = pixels.data.cast("B")
    while wanted:
        count = stream.readinto(wanted)  # type: ignore[attr-defined]
        if not count:
            return None
        wanted = wanted[count:]
    return RenderedPage(pixels=pixels, dpi=dpi)


def _why_not(status: int, what: str, cpu_s: float) -> Exception:
    if status in (Ended.TOO_SLOW, -signal.SIGXCPU):
        return PageError(
            "page_too_slow",
            f"{what} takes more than {cpu_s:g} s to draw; save it again from another program, "
            "or submit its scan as TIFF",
        )
    if status == -signal.SIGKILL:
        return MemoryError(f"{what}: its renderer was killed, probably for want of memory")
    if status == Ended.TIMED_OUT:
        return _hangs(what)
    if status == Ended.NOT_STARTED:
        return OSError(errno.EAGAIN, f"{what}: poppler's programs could not be started")
    return encrypted(what) if status == Ended.ENCRYPTED else unreadable(what)


def _hangs(what: str) -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, f"{what}: its renderer neither worked nor ended")
