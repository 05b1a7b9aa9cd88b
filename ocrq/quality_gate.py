"""What a person should know about a scan: flags with their measure, never a reason to drop it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from ocrq.config import Settings
from ocrq.types import Quality


class QualityFlag(StrEnum):
    """Stored in `readings.flags`, in this order."""

    BLANK = "blank"  # nothing to read
    TOO_BLURRED = "too_blurred"  # edges of letters too wide for their size
    DPI_TOO_LOW = "dpi_too_low"  # letters too small to be told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityGate:
    """From where on a page is flagged; the defaults are those of `ocrq.config.Settings`."""

    min_x_height_px: float = 6.5
    max_blur: float = 0.35  # width of an edge, as share of the x-height

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The gate that the settings of this process ask for."""
        return cls(min_x_height_px=settings.min_x_height_px, max_blur=settings.max_blur)

    def flags_of(self, quality: Quality) -> tuple[str, ...]:
        """The flags of a page that was measured.

        >>> page = Quality(sharpness=0.9, contrast=0.8, ink=0.1, is_blank=False, x_height_px=6.0)
        >>> QualityGate(min_x_height_px=8.0).flags_of(page)
        ('dpi_too_low',)
        """
        if quality.is_blank:
            return (QualityFlag.BLANK.value,)
        found = []
        if edge_width(quality) > self.max_blur:
            found.append(QualityFlag.TOO_BLURRED.value)
        if quality.x_height_px is not None and quality.x_height_px < self.min_x_height_px:
            found.append(QualityFlag.DPI_TOO_LOW.value)
        return tuple(found)


def edge_width(quality: Quality) -> float:
    """How wide the edge of a letter is, as share of the x-height.

    A sharpness of 1 is an edge from one pixel to the next, of 0.1 one of ten pixels: nothing on
    letters of 60 px, the end of those of 20. Without an x-height letters of 20 px are assumed.
    """
    return 1.0 / max(quality.sharpness, 1e-3) / (quality.x_height_px or 20.0)


def sentences(quality: Quality) -> list[str]:
    """What the flags of a page mean, for a person, with the measure.

    >>> sentences(
    ...     Quality(
    ...         sharpness=0.5,
    ...         contrast=0.8,
    ...         ink=0.1,
    ...         is_blank=False,
    ...         x_height_px=6.0,
    ...         flags=("dpi_too_low",),
    ...     )
    ... )
    ['dpi too low: x-height 6 px']
    """
    measures = {
        QualityFlag.BLANK: "",
        QualityFlag.TOO_BLURRED: f": sharpness {quality.sharpness:.2f}",
        QualityFlag.DPI_TOO_LOW: f": x-height {quality.x_height_px or 0:.0f} px",
    }
    known = {flag.value: flag for flag in QualityFlag}
    return [
        flag.replace("_", " ") + (measures[known[flag]] if flag in known else "")
        for flag in quality.flags
    ]
