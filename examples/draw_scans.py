"""Draws examples/scans and the text that stands on them (examples/truth).

Run from the checkout: `.venv/bin/python examples/draw_scans.py`. The drawn files are part of the
project, so this and its fonts (Debian: fonts-liberation, fonts-dkg-handwriting) are only needed
to change them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import gmtime

import numpy as np
import scan_texts as texts
from PIL import Image

from training.pagegen.fonts import FontSet, find_fonts
from training.pagegen.pages import Layout
from training.pagegen.truth import DrawnPage
from training.pagegen.wear import Wear, wear_page

HERE = Path(__file__).parent
_LEFT_SIDE_DOWN = 6  # EXIF orientation: to be turned clockwise


def main() -> int:
    """Draw all scans; 0 if every font was there."""
    fonts = find_fonts()
    if fonts.missing:
        print(f"no font for {', '.join(fonts.missing)}; install fonts-liberation and"
              " fonts-dkg-handwriting", file=sys.stderr)  # fmt: skip
        return 1
    scans = HERE / "scans"
    scans.mkdir(exist_ok=True)
    (HERE / "truth").mkdir(exist_ok=True)
    _columns(scans / "harbour.png", fonts)
    _photograph(scans / "letter.jpg", fonts)
    _typescript(scans / "notice-to-owners.tif", fonts)
    _minutes(scans / "minutes.tif", fonts)
    _ledger(scans / "ledger.pdf", fonts)
    _receipt(scans / "receipt.jpg", fonts)
    _form(scans / "readers-card.png", fonts)
    _skewed(scans / "skewed.webp", fonts)
    _upside_down(scans / "upside-down.png", fonts)
    for path in sorted(scans.iterdir()):
        print(f"{path.stat().st_size:>9,} bytes  {path.relative_to(HERE)}")
    return 0


def _columns(path: Path, fonts: FontSet) -> None:
    page = _worn(texts.HARBOUR, fonts, 300, Wear(skew_deg=0.4, blur_px=0.8, noise=6, dropout=0.004))
    Image.fromarray(page.gray > 150).save(path, dpi=(300, 300), optimize=True)
    _write_truth(path, [page])


def _photograph(path: Path, fonts: FontSet) -> None:
    wear = Wear(skew_deg=-1.2, ink=40, paper=225, light=0.45, blur_px=0.8, noise=4)
    page = _worn(texts.LETTER, fonts, 200, wear)
    exif = Image.Exif()
    exif[274] = _LEFT_SIDE_DOWN
    lying = Image.fromarray(np.rot90(page.gray))
    lying.convert("RGB").save(path, quality=72, exif=exif, dpi=(72, 72))
    _write_truth(path, [page])


def _typescript(path: Path, fonts: FontSet) -> None:
    wear = Wear(skew_deg=0.9, ink=55, paper=230, blur_px=0.9, specks=0.8, dropout=0.05)
    page = _worn(texts.TYPESCRIPT, fonts, 200, wear)
    gray = (page.gray // 16 * 17).astype(np.uint8)  # 16 greys: a smaller file
    Image.fromarray(gray).save(path, dpi=(200, 200), compression="tiff_adobe_deflate")
    _write_truth(path, [page])


def _minutes(path: Path, fonts: FontSet) -> None:
    pages = [
        _worn(
            layout,
            fonts,
            300,
            Wear(skew_deg=skew_deg, blur_px=1.0, noise=14, specks=0.6, dropout=0.01),
        )
        for layout, skew_deg in zip(texts.MINUTES, (0.6, -0.8, 0.2), strict=True)
    ]
    images = [Image.fromarray(page.gray > 140) for page in pages]
    images[0].save(
        path, save_all=True, append_images=images[1:], compression="group4", dpi=(300, 300)
    )
    _write_truth(path, pages)


def _ledger(path: Path, fonts: FontSet) -> None:
    wear = Wear(ink=30, paper=240, light=0.1, blur_px=0.7, noise=3)
    pages = [_worn(layout, fonts, 200, wear) for layout in texts.LEDGER]
    height = pages[0].gray.shape[0] // 2  # the lower halves are empty
    images = [Image.fromarray(page.gray[:height]) for page in pages]
    when = gmtime(0)
    images[0].save(
        path,
        save_all=True,
        append_images=images[1:],
        resolution=200,
        quality=60,
        creationDate=when,
        modDate=when,
    )
    _write_truth(path, pages)


def _receipt(path: Path, fonts: FontSet) -> None:
    wear = Wear(skew_deg=-0.7, ink=70, paper=235, light=0.15, blur_px=0.8, noise=5, dropout=0.02)
    page = _worn(texts.RECEIPT, fonts, 200, wear)
    Image.fromarray(page.gray).save(path, quality=70, dpi=(200, 200))
    _write_truth(path, [page])


def _form(path: Path, fonts: FontSet) -> None:
    page = _worn(texts.FORM, fonts, 300, Wear(ink=25, paper=250, blur_px=0.8))
    colours = Image.fromarray((page.gray // 16 * 17).astype(np.uint8)).quantize(16)
    colours.save(path, dpi=(300, 300), optimize=True)
    _write_truth(path, [page])


def _skewed(path: Path, fonts: FontSet) -> None:
    page = _worn(texts.NOTICE, fonts, 200, Wear(skew_deg=6.5, ink=20, paper=245, blur_px=0.6))
    Image.fromarray(page.gray).save(path, quality=60)
    _write_truth(path, [page])


def _upside_down(path: Path, fonts: FontSet) -> None:
    page = _worn(texts.NOTICE, fonts, 300, Wear(skew_deg=-0.5, blur_px=0.8))
    Image.fromarray(page.gray[::-1, ::-1] > 140).save(path, dpi=(300, 300), optimize=True)
    _write_truth(path, [page])


def _worn(layout: Layout, fonts: FontSet, dpi: int, wear: Wear) -> DrawnPage:
    return wear_page(layout.draw(fonts, dpi), wear, np.random.default_rng(20))


def _write_truth(scan: Path, pages: Sequence[DrawnPage]) -> None:
    text = "\f".join(page.text for page in pages)
    (HERE / "truth" / f"{scan.stem}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
