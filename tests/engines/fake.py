"""Reads deterministic text without any model: the alphabet, a letter a glyph, over and over."""

from __future__ import annotations

from collections.abc import Sequence

from ocrq.types import CharResult, EngineInfo, PageOptions
from pipeline.engines.engine import Engine, LineImage, LineReading

INFO = EngineInfo(name="fake", version="1", weights_sha256="0" * 64)

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class FakeEngine:
    info = INFO

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        return [LineReading(chars=read_line(line, options.alternatives)) for line in lines]


def read_line(line: LineImage, alternatives: int) -> tuple[CharResult, ...]:
    """Every fifth character is doubtful, so that review has something to show."""
    chars = []
    boxes = line.boxes_to_upright([(g.x0_px, g.y0_px, g.x1_px, g.y1_px) for g in line.glyphs])
    for k, box in enumerate(boxes):
        doubtful = k % 5 == 4
        chars.append(
            CharResult(
                char=ALPHABET[k % 26],
                confidence=0.625 if doubtful else 0.995,
                box=box,
                alternatives=(("?", 0.25), ("!", 0.125))[:alternatives] if doubtful else (),
            )
        )
    return tuple(chars)


def make_engine() -> Engine:
    return FakeEngine()
