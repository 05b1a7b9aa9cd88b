"""Poppler's programs: what a PDF page holds. `pipeline.scans.poppler_page` renders it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipeline.page_errors import encrypted, no_page, unreadable
from pipeline.scans.pdf_dpi import PlacedImage

_SIZE = re.compile(rb"^Page\s+\d+ size:\s+([\d.]+) x ([\d.]+) pts", re.MULTILINE)
_ROTATION = re.compile(rb"^Page\s+\d+ rot:\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poppler:
    """The programs of one poppler installation."""

    pdftoppm: str
    pdfinfo: str
    pdfimages: str


def find_poppler() -> Poppler | None:
    """The installed poppler, None when one of its programs is missing."""
    names = ("pdftoppm", "pdfinfo", "pdfimages")
    paths = [shutil.which(name) for name in names]
    found = {name: path for name, path in zip(names, paths, strict=True) if path}
    return Poppler(**found) if len(found) == len(names) else None


def page_size_pt(
    poppler: Poppler, path: Path, frame: int, name: str, timeout_s: float
) -> tuple[float, float]:
    """Width and height of a page as it is shown, points.

    Raises:
        PageError: codes `encrypted`, `no_page`, `unreadable`.
        TimeoutError: no answer in time.
    """
    output = _ask([poppler.pdfinfo, *_page_arguments(frame), os.fspath(path)], timeout_s)
    if b"Incorrect password" in output:
        raise encrypted(name)
    if b"Wrong page range" in output:
        raise no_page(name, frame + 1)
    size, rotation = _SIZE.search(output), _ROTATION.search(output)
    if size is None:
        raise unreadable(f"page {frame + 1} of {name}")
    width, height = float(size[1]), float(size[2])
    if rotation is not None and int(rotation[1]) % 180 == 90:
        width, height = height, width
    return width, height


def placed_images(poppler: Poppler, path: Path, frame: int, timeout_s: float) -> list[PlacedImage]:
    """The images of a page with the resolution at which they are shown.

    Raises:
        TimeoutError: no answer in time.
    """
    output = _ask([poppler.pdfimages, "-list", *_page_arguments(frame), os.fspath(path)], timeout_s)
    found: list[PlacedImage] = []
    for line in output.splitlines()[2:]:
        # page num type width height color comp bpc enc interp object ID x-ppi y-ppi size ratio
        fields = line.split()
        if len(fields) < 15 or fields[2] not in (b"image", b"stencil"):
            continue
        try:
            width, height, x_dpi, y_dpi = (int(fields[n]) for n in (3, 4, 12, 13))
        except ValueError:
            continue
        if min(width, height, x_dpi, y_dpi) >= 1:
            found.append(PlacedImage(width_px=width, height_px=height, x_dpi=x_dpi, y_dpi=y_dpi))
    return found


def _page_arguments(frame: int) -> list[str]:
    return ["-f", str(frame + 1), "-l", str(frame + 1)]


def _ask(command: list[str], timeout_s: float) -> bytes:
    try:
        answer = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        message = f"{command[0]} gave no answer in {timeout_s:g} s"
        raise TimeoutError(errno.ETIMEDOUT, message) from exc
    return answer.stdout
