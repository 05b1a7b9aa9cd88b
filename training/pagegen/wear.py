"""What printing, ageing and scanning do to a page; the truth is moved along with the ink."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocrq.types import Box
from pipeline.image import GrayImage
from training.pagegen.truth import DrawnPage, Point, TrueLine, TrueRegion, TrueWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """How worn a page is; the default is none."""

    skew_deg: float = 0.0  # positive: the text runs downhill to the right
    ink: int = 0  # grey of solid ink, 0..255
    paper: int = 255  # grey of clean paper, 0..255
    light: float = 0.0  # 0..1, share of brightness lost in the darkest corner
    blur_px: float = 0.0  # sigma of the lens
    noise: float = 0.0  # sigma of the sensor, grey values
    specks: float = 0.0  # dark specks for each square inch
    dropout: float = 0.0  # 0..1, share of ink that did not reach the paper
    jpeg_quality: int | None = None  # 1..100; None: not compressed


def wear_page(page: DrawnPage, wear: Wear, rng: np.random.Generator) -> DrawnPage:
    """Wear a clean page; size and resolution stay."""
    gray = page.gray
    regions = page.regions
    if wear.dropout:
        gray = _drop_ink(gray, wear.dropout, page.dpi, rng)
    if wear.skew_deg:
        matrix = _rotation(gray.shape, wear.skew_deg)
        gray = cv2.warpAffine(
            gray, matrix, gray.shape[::-1], flags=cv2.INTER_CUBIC, borderValue=255
        ).astype(np.uint8)
        regions = move_regions(regions, _mapper(matrix), gray.shape)
    if wear.specks:
        gray = _speckle(gray, wear.specks, page.dpi, rng)
    light = wear.ink + gray.astype(np.float32) * ((wear.paper - wear.ink) / 255)
    if wear.light:
        light *= _uneven_light(gray.shape, wear.light, rng)
    if wear.blur_px:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), wear.blur_px), dtype=np.float32)
    if wear.noise:
        light += rng.normal(0.0, wear.noise, size=light.shape).astype(np.float32)
    gray = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    if wear.jpeg_quality is not None:
        gray = _through_jpeg(gray, wear.jpeg_quality)
    return DrawnPage(
        gray=gray, dpi=page.dpi, skew_deg=page.skew_deg + wear.skew_deg, regions=regions
    )


def random_wear(rng: np.random.Generator, *, strength: float = 1.0) -> Wear:
    """Draw a plausible wear; strength 0 is a good office scanner, 1 a poor copy."""
    return Wear(
        skew_deg=float(np.clip(rng.normal(0, 0.5 + strength), -5, 5)),
        ink=int(rng.uniform(0, 20 + 50 * strength)),
        paper=int(rng.uniform(255 - 45 * strength, 255)),
        light=float(rng.uniform(0, 0.3 * strength)),
        blur_px=float(rng.uniform(0.2, 0.4 + 0.9 * strength)),
        noise=float(rng.uniform(0, 2 + 8 * strength)),
        specks=float(rng.uniform(0, 2 * strength)),
        dropout=float(rng.uniform(0, 0.05 * strength)),
        jpeg_quality=int(rng.uniform(95 - 45 * strength, 95)) if rng.random() < 0.5 else None,
    )


def move_regions(
    regions: tuple[TrueRegion, ...], move: Callable[[Point], Point], shape: tuple[int, ...]
) -> tuple[TrueRegion, ...]:
    """Carry the truth along when the page is bent: each box becomes the box around its corners.

    Args:
        regions: the truth before.
        move: where a point of the page before is on the page now.
        shape: (height, width) of the page now; boxes are cut off at its edges.
    """

    def box(old: Box) -> Box:
        corners = [
            move((float(x), float(y)))
            for x in (old.x0_px, old.x1_px)
            for y in (old.y0_px, old.y1_px)
        ]
        x0 = min(max(0, math.floor(min(x for x, _ in corners))), shape[1] - 1)
        y0 = min(max(0, math.floor(min(y for _, y in corners))), shape[0] - 1)
        x1 = min(max(x0 + 1, math.ceil(max(x for x, _ in corners))), shape[1])
        y1 = min(max(y0 + 1, math.ceil(max(y for _, y in corners))), shape[0])
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)

    def word(old: TrueWord) -> TrueWord:
        return replace(old, box=box(old.box), chars=tuple(box(char) for char in old.chars))

    def line(old: TrueLine) -> TrueLine:
        left, right = old.baseline
        words = tuple(word(w) for w in old.words)
        return TrueLine(words=words, box=box(old.box), baseline=(move(left), move(right)))

    return tuple(
        replace(old, box=box(old.box), lines=tuple(line(item) for item in old.lines))
        for old in regions
    )


def _rotation(
    shape: tuple[int, ...], skew_deg: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    height, width = shape[:2]
    # OpenCV turns counter-clockwise for positive angles.
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -skew_deg, 1.0)
    return np.asarray(matrix, dtype=np.float64)


def _mapper(matrix: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Callable[[Point], Point]:
    def move(point: Point) -> Point:
        x, y = matrix @ (point[0], point[1], 1.0)
        return float(x), float(y)

    return move


def _drop_ink(gray: GrayImage, share: float, dpi: int, rng: np.random.Generator) -> GrayImage:
    # Smooth noise above its own quantile: holes of about a third of a point.
    noise = rng.normal(size=gray.shape).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), max(0.7, dpi / 220)), dtype=np.float32)
    holes = noise > np.quantile(noise, 1 - share)
    worn = gray.copy()
    worn[holes] = 255
    return worn


def _speckle(gray: GrayImage, per_in2: float, dpi: int, rng: np.random.Generator) -> GrayImage:
    height, width = gray.shape
    worn = gray.copy()
    for _ in range(rng.poisson(per_in2 * height * width / dpi**2)):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radius = max(1, round(float(rng.exponential(dpi / 250))))
        cv2.circle(worn, centre, radius, int(rng.integers(0, 90)), thickness=-1)
    return worn


def _uneven_light(
    shape: tuple[int, ...], share: float, rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    # A plane of brightness in a random direction, with a soft bend.
    angle = rng.uniform(0, 2 * math.pi)
    ys, xs = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    along = (xs * math.cos(angle) + ys * math.sin(angle)) / math.sqrt(2)
    return (1.0 - share * ((along + 1) / 2) ** 2).astype(np.float32)


def _through_jpeg(gray: GrayImage, quality: int) -> GrayImage:
    _, data = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
