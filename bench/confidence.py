"""How honest the confidences are: JSON exports against the truth of their pages.

    ocrq run SCANS --format json --output OUT
    python -m bench.confidence OUT TRUTH [--ignore-case]

A character is right when an alignment with the truth pairs it with its equal. Runs of six and more
wrong characters are set aside: captions that the truth leaves out, blocks in another order.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from bench.machine import describe_machine
from bench.tables import markdown_table
from training.metrics import (
    REVIEW_SHARES,
    discrimination,
    errors_found,
    expected_calibration_error,
)
from training.text_score import normalise

#: From this many wrong characters on end, the truth and the page are not about the same thing.
_OTHER_TEXT = 6


def read_characters(document: dict[str, Any]) -> list[tuple[str, float]]:
    """Characters of an exported document with their confidence, NaN for a line's end.

    A hyphen at the end of a line is left out, as the truth joins the halves of words.

    >>> line = {"chars": [{"char": c, "confidence": 0.9} for c in "a-"]}
    >>> read_characters({"pages": [{"lines": [line, line]}]})
    [('a', 0.9), ('a', 0.9), ('-', 0.9)]
    """
    found: list[tuple[str, float]] = []
    for page in document["pages"]:
        for line in page.get("lines", ()):
            if found and found[-1][0] == "-":
                found.pop()
            elif found:
                found.append((" ", float("nan")))
            found += [(c["char"], c["confidence"]) for c in line["chars"]]
    return found


def judge(
    characters: list[tuple[str, float]], truth: str, *, ignore_case: bool
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_], int]:
    """Confidence of every character that can be judged, whether it is right, how many cannot.

    >>> chars = [(c, 0.5) for c in "cat"]
    >>> judge(chars, "cut", ignore_case=False)[1].tolist()
    [True, False, True]
    """
    # Each character by itself, so that none moves: quotes and dashes become plain ones.
    text = "".join(normalise(c, ignore_case)[:1] or " " for c, _ in characters)
    confidence = np.array([p for _, p in characters], np.float32)
    is_right = np.zeros(len(text), np.bool_)
    is_judged = ~np.isnan(confidence)
    for op in Levenshtein.opcodes(text, normalise(truth, ignore_case)):
        if op.tag == "equal":
            is_right[op.src_start : op.src_end] = True
        elif max(op.src_end - op.src_start, op.dest_end - op.dest_start) >= _OTHER_TEXT:
            is_judged[op.src_start : op.src_end] = False
    set_aside = int((~is_judged & ~np.isnan(confidence)).sum())
    return confidence[is_judged], is_right[is_judged], set_aside


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", type=Path, help="folder of JSON exports")
    parser.add_argument("truth", type=Path, help="folder of NAME.txt for each NAME.json")
    parser.add_argument("--ignore-case", action="store_true")
    args = parser.parse_args()
    judged = []
    for path in sorted(args.truth.glob("*.txt")):
        document = json.loads((args.exports / f"{path.stem}.json").read_text("utf-8"))
        truth = path.read_text("utf-8", "replace")
        judged.append(judge(read_characters(document), truth, ignore_case=args.ignore_case))
    confidence = np.concatenate([c for c, _, _ in judged])
    is_right = np.concatenate([r for _, r, _ in judged])
    found = (f"{100 * errors_found(confidence, is_right, s):.0f}" for s in REVIEW_SHARES)
    row = (
        f"{len(confidence):,}",
        f"{sum(aside for _, _, aside in judged):,}",
        f"{100 * (1 - is_right.mean()):.2f} %",
        f"{expected_calibration_error(confidence, is_right):.4f}",
        f"{discrimination(confidence, is_right):.3f}",
        " / ".join(found) + " %",
    )
    head = (
        "characters",
        "set aside",
        "wrong",
        "ECE",
        "AUROC",
        "errors in the least confident 1/2/5/10/20 %",
    )
    print(describe_machine(), end="\n\n")
    print(markdown_table(head, [row]))


if __name__ == "__main__":
    main()
