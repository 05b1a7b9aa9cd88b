"""Looking into a file before it is queued: format, pages and their sizes, from headers only.

Meant for a child process with limits on time and memory: decoders of hostile files may crash.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.kinds import MediaType
from pipeline.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProbe:
    """One page of a file; with an `error_code` it can not be read, its size may be 0."""

    width_px: int  # as stored (before an EXIF turn); a PDF page at Limits.pdf_dpi
    height_px: int
    error_code: str | None = None
    error: str | None = None

    @property
    def megapixels(self) -> float:
        return self.width_px * self.height_px / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file holds; at least one page."""

    media_type: MediaType
    pages: tuple[PageProbe, ...]
    size_bytes: int
    mtime_ns: int


def probe_file(path: str | bytes, limits: Limits, *, root: str | bytes | None = None) -> Probe:
    """Find out what a file holds without decoding it."""
    raise NotImplementedError
