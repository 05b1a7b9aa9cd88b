"""One page of a PDF as a grey image, rendered by a child process that may crash or be killed.

Poppler does it; where poppler is not installed, PDFium does (`pipeline.pdfium_page`).
"""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from ocrq.errors import PageError
from pipeline import poppler as poppler_programs
from pipeline.image import GrayImage
from pipeline.limits import Limits
from pipeline.page_errors import encrypted, unreadable
from pipeline.pdf_dpi import render_dpi, rendered_size_px
from pipeline.poppler import Poppler
from pipeline.source import Source

#: Waiting is counted less strictly than work: a busy machine must not fail a page.
_WAIT_FACTOR = 5.0
_MODULE = "pipeline.pdfium_page"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedPage:
    """A page of a PDF, (H, W) uint8, 0 = black, and the resolution it was rendered at."""

    gray: GrayImage
    dpi: float


def render_pdf_page(
    source: Source, frame: int, limits: Limits, *, dpi: int | None, poppler: Poppler | None
) -> RenderedPage:
    """Render page `frame` (from 0).

    Args:
        source: an open PDF.
        frame: page number from 0.
        limits: bound on pixels and processor time; resolution of pages that are not scans.
        dpi: resolution asked for; None: the scan's own, see `pipeline.pdf_dpi`.
        poppler: the programs to use; None: PDFium.

    Raises:
        PageError: codes `encrypted`, `unreadable`, `page_too_large`, `page_too_slow`.
        MemoryError: the machine has too little memory for it just now.
        OSError: the storage is in trouble; trying again later may work.
    """
    what = f"page {frame + 1} of {source.name}"
    wait_s = _WAIT_FACTOR * limits.pdf_render_s
    path = os.fspath(source.path)
    if poppler is None:
        asked = [str(n) for n in (frame, dpi or 0, limits.pdf_dpi, limits.max_pixels)]
        command = [sys.executable, "-I", "-m", _MODULE, path, *asked]
        chosen_dpi = None
    else:
        size_pt = poppler_programs.page_size_pt(poppler, source.path, frame, source.name, wait_s)
        chosen_dpi = float(dpi or 0)
        if not chosen_dpi:
            images = poppler_programs.placed_images(poppler, source.path, frame, wait_s)
            chosen_dpi = render_dpi(images, size_pt, limits.pdf_dpi)
        limits.check_pixels(*rendered_size_px(size_pt, chosen_dpi), what)
        command = poppler_programs.render_command(poppler, source.path, frame, chosen_dpi)

    def check(width_px: int, height_px: int) -> None:
        limits.check_pixels(width_px, height_px, what)

    status, page = run_renderer(command, check, limits.pdf_render_s)
    if page is None and status == -signal.SIGKILL:
        raise MemoryError(f"{what}: {command[0]} was killed, probably for want of memory")
    if page is None:
        raise _why_not(status, what, limits.pdf_render_s)
    return page if chosen_dpi is None else RenderedPage(gray=page.gray, dpi=chosen_dpi)


def run_renderer(
    command: Sequence[str], check: Callable[[int, int], None], cpu_s: float
) -> tuple[int, RenderedPage | None]:
    """Run a program that writes one PGM; it is killed if it takes too long.

    Args:
        command: program and arguments.
        check: called with width and height before any pixel is read; raises to stop.
        cpu_s: processor time that it may take.

    Returns:
        Its exit status (negative: the signal that ended it) and the page, None if none came.

    Raises:
        TimeoutError: it neither worked nor ended, as when its storage hangs.
    """
    seconds = max(1, round(cpu_s))
    overdue = threading.Event()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        _limit_processor_time(process.pid, seconds)

        def give_up() -> None:
            overdue.set()
            process.kill()

        timer = threading.Timer(_WAIT_FACTOR * seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdout is not None
            page = _read_pgm(process.stdout, check)
            process.stdout.close()  # what it may still write is not wanted: it ends by SIGPIPE
            status = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
    if overdue.is_set() and page is None:
        raise TimeoutError(
            errno.ETIMEDOUT, f"{command[0]} did not end in {_WAIT_FACTOR * seconds:g} s"
        )
    return status, page


def _limit_processor_time(pid: int, seconds: int) -> None:
    # Set on the child from outside: no code runs between fork and exec, and a renderer whose
    # parent was killed still ends.
    try:
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds + 1))
    except ProcessLookupError:
        return  # already ended


def _read_pgm(stream: IO[bytes], check: Callable[[int, int], None]) -> RenderedPage | None:
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
    if header[0] != b"P5\n" or size is None:
        return None
    width, height = int(size[1]), int(size[2])
    check(width, height)
    gray = np.empty((height, width), dtype=np.uint8)
    wanted = gray.data.cast("B")
    while wanted:
        count = stream.readinto(wanted)  # type: ignore[attr-defined]
        if not count:
            return None
        wanted = wanted[count:]
    return RenderedPage(gray=gray, dpi=dpi)


def _why_not(status: int, what: str, cpu_s: float) -> PageError:
    if status == -signal.SIGXCPU:
        return PageError(
            "page_too_slow",
            f"{what} takes more than {cpu_s:g} s to draw; save it again from another program, "
            "or submit its scan as TIFF",
        )
    return encrypted(what) if status == 3 else unreadable(what)
