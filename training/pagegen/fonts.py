"""The fonts that pages are drawn with: one for each style, from the system or Pillow's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/share/texmf/fonts"))


class Style(StrEnum):
    """What a font looks like."""

    SERIF = "serif"
    SERIF_BOLD = "serif bold"
    SANS = "sans"
    SANS_BOLD = "sans bold"
    MONO = "mono"
    HAND = "hand"


#: File names by style, in common Debian font packages; the first that is there is taken.
_FILES: dict[Style, tuple[str, ...]] = {
    Style.SERIF: ("LiberationSerif-Regular.ttf", "NimbusRoman-Regular.otf", "DejaVuSerif.ttf"),
    Style.SERIF_BOLD: ("LiberationSerif-Bold.ttf", "NimbusRoman-Bold.otf", "DejaVuSerif-Bold.ttf"),
    Style.SANS: ("LiberationSans-Regular.ttf", "NimbusSans-Regular.otf", "DejaVuSans.ttf"),
    Style.SANS_BOLD: ("LiberationSans-Bold.ttf", "NimbusSans-Bold.otf", "DejaVuSans-Bold.ttf"),
    Style.MONO: ("CourierPrime-Regular.otf", "LiberationMono-Regular.ttf", "DejaVuSansMono.ttf"),
    # fonts-dkg-handwriting, fonts-breip, fonts-femkeklaver
    Style.HAND: ("dkg.ttf", "Breip.ttf", "femkeklaver.ttf"),
}


@dataclass(frozen=True, slots=True)
class FontSet:
    """A font file for each style; None is Pillow's built-in font."""

    files: tuple[tuple[Style, Path | None], ...] = ()

    def at(self, style: Style, size_px: float) -> ImageFont.FreeTypeFont:
        """The font of a style at an em size in pixels."""
        return _load(dict(self.files).get(style), size_px)

    @property
    def missing(self) -> tuple[Style, ...]:
        """Styles that fall back to the built-in font."""
        found = dict(self.files)
        return tuple(style for style in Style if found.get(style) is None)


def find_fonts(folders: Sequence[Path] = SYSTEM_FOLDERS) -> FontSet:
    """Look for the usual fonts below these folders."""
    by_name = {path.name: path for path in sorted(_files(folders), reverse=True)}
    return FontSet(
        tuple(
            (style, next((by_name[name] for name in names if name in by_name), None))
            for style, names in _FILES.items()
        )
    )


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    for folder in folders:
        yield from folder.rglob("*.[to]tf")


@lru_cache(maxsize=64)
def _load(path: Path | None, size_px: float) -> ImageFont.FreeTypeFont:
    if path is not None:
        # Basic layout: no ligatures, so that every character keeps a box of its own.
        return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("this Pillow was built without FreeType")
    return font
