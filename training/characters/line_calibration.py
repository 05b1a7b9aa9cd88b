"""Fit the confidences of the character engine to lines that it read: `python -m` this module.

Its network never saw a real line, so any set that is no dev set will do: receipts, typescript, and
lines composed of handprint from the calibration side of its own split.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ocrq.types import PageOptions
from pipeline.calibration import Calibration, kinds_of
from pipeline.engines.engine import Engine, LineImage
from pipeline.engines.resnet import load_engine
from pipeline.weights import find_model
from training.characters.charset import CharacterSet
from training.characters.config import SEED
from training.characters.formats import load_characters
from training.characters.split import split_by_cluster
from training.evaluation.datasets import find_lines, unpacked
from training.evaluation.line_crops import line_image
from training.lines.calibrate import calibration_for_card, fit_calibration
from training.lines.handprint import draw_hand_text, hand_of, render_hand_line
from training.lines.judge import Judged, align
from training.lines.text import load_text_source

_MOST_CHARS = 40  # of a composed line
_OTHER_TEXT = 4  # characters missing on end at a line's edge: crop and label differ
Sample = tuple[LineImage, str]


def judge(engine: Engine, samples: Sequence[Sample], *, fold_case: bool) -> Judged:
    """Read each line by itself and hold it against its text.

    Args:
        engine: with confidences that are not calibrated.
        samples: lines and what they say.
        fold_case: the texts do not know the letter case.
    """
    odds, kinds, right, counts = [], [], [], []
    risks, misses, set_aside = [], [], 0
    for image, text in samples:
        (reading,) = engine.read([image], PageOptions())
        is_right, edge, is_missing = align(reading.text, text, fold_case=fold_case)
        raw = np.clip([c.confidence for c in reading.chars], 1e-9, 1.0)
        odds.append(1 / raw - 1)
        kinds.append(kinds_of(reading.text))
        right.append(is_right)
        counts.append(len(raw))
        if edge >= _OTHER_TEXT or reading.missing_risk is None:
            set_aside += 1
            continue
        risks.append(reading.missing_risk)
        misses.append(is_missing)
    return Judged(
        odds=np.concatenate(odds),
        kinds=np.concatenate(kinds),
        line=np.repeat(np.arange(len(counts)), counts),
        is_right=np.concatenate(right),
        missing_risk=np.array(risks),
        misses=np.array(misses, np.bool_),
        set_aside=set_aside,
    )


def real_lines(data: Path, count: int, seed: int) -> list[Sample]:
    """Lines drawn from a set of line crops: a folder or a zip file."""
    with unpacked(data) as folder:
        samples, _ = find_lines(folder)
        chosen = random.Random(seed).sample(samples, min(count, len(samples)))
        return [(line_image(s.gray), s.truth) for s in chosen]


def composed_lines(characters: CharacterSet, count: int, seed: int) -> list[Sample]:
    """Hand-printed lines of characters that the network was not trained on."""
    hand = hand_of(characters)
    rng, source = random.Random(seed), load_text_source([])
    samples: list[Sample] = []
    while len(samples) < count:
        text = draw_hand_text(rng, source, _MOST_CHARS)
        picture = render_hand_line(rng, text, hand)
        if picture is not None:
            samples.append((line_image(np.asarray(255 - picture, np.uint8)), text))
    return samples


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, fit, write the card; print what was compared."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", action="append", type=Path, default=[], help="line crops")
    parser.add_argument("--upper", action="append", type=Path, default=[], help="the same, but "
                        "their texts do not know the letter case")  # fmt: skip
    parser.add_argument("--handprint", type=Path, help="characters that `ocrq train` was given")
    parser.add_argument("--count", type=int, default=150, help="lines of each set")
    parser.add_argument("--seed", type=int, default=SEED, help="that of the network's split")
    given = parser.parse_args(arguments)

    model = find_model("resnet")
    engine = load_engine(model, Calibration())
    folds = {
        data.stem: judge(engine, real_lines(data, given.count, given.seed), fold_case=is_upper)
        for paths, is_upper in ((given.lines, False), (given.upper, True))
        for data in paths
    }
    if given.handprint is not None:
        characters = load_characters(given.handprint)
        side = characters.take(split_by_cluster(characters, seed=given.seed).calibration)
        composed = composed_lines(side, given.count, given.seed)
        folds["composed handprint"] = judge(engine, composed, fold_case=False)
    calibration, compared = fit_calibration(folds)
    path = model.folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["confidence"] = calibration_for_card(calibration, compared)
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(card["confidence"], indent=2) + "\n")


if __name__ == "__main__":
    main()
