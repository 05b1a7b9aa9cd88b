"""Real line crops with their texts, as zip files of pictures and a labels.tsv."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from ocrq.errors import UsageError
from pipeline.line_image import STRIDE_PX, normalise_line
from pipeline.vocabulary import spell, unknown
from training.lines.folds import document_of
from training.lines.synthesise import Lines


def read_labels(path: Path) -> dict[str, list[str]]:
    """The texts of each document of a zip file, in the order of its `labels.tsv`."""
    texts: dict[str, list[str]] = {}
    with zipfile.ZipFile(path) as archive:
        for row in archive.read("labels.tsv").decode("utf-8").splitlines():
            name, _, label = row.partition("\t")
            texts.setdefault(document_of(name), []).append(label)
    return texts


def load_real_lines(
    path: Path, *, most_repeats: int | None = None, documents: frozenset[str] | None = None
) -> tuple[Lines, int]:
    """Read `labels.tsv` (file name, text) and the pictures that it names.

    Args:
        path: a zip file.
        most_repeats: keep at most so many lines of one text, None for all.
        documents: only lines of these, None for all.

    Returns:
        The lines, and how many were left out: without a text, a picture that is too narrow for
        its text, or a repeat.

    Raises:
        UsageError: labels have characters outside the vocabulary; it names each with its count.
            A network that never sees a sign would learn to read something else in its place.
    """
    _refuse_unknown(path, read_labels(path))
    images, texts, left_out = [], [], 0
    seen: dict[str, int] = {}
    with zipfile.ZipFile(path) as archive:
        for row in archive.read("labels.tsv").decode("utf-8").splitlines():
            name, _, label = row.partition("\t")
            if documents is not None and document_of(name) not in documents:
                continue
            text = spell(label)
            if not text:
                left_out += 1
                continue
            seen[text] = seen.get(text, 0) + 1
            gray = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
            picture = normalise_line(np.asarray(gray, np.uint8))
            too_narrow = picture.shape[1] // STRIDE_PX < len(text) * 1.1
            if too_narrow or (most_repeats is not None and seen[text] > most_repeats):
                left_out += 1
                continue
            images.append(picture)
            texts.append(text)
    return Lines(images=tuple(images), texts=tuple(texts)), left_out


def _refuse_unknown(path: Path, labels: dict[str, list[str]]) -> None:
    strange: Counter[str] = Counter()
    for texts in labels.values():
        for text in texts:
            spelled = spell(text)
            strange.update(c for c in spelled if c in unknown(spelled))
    if strange:
        found = ", ".join(f"{c!r} (U+{ord(c):04X}) {n:,} times" for c, n in strange.most_common(20))
        raise UsageError(
            f"{path}: {sum(strange.values()):,} characters of its labels are not in the vocabulary:"
            f" {found}; spell them otherwise in labels.tsv, leave their lines out, or add them to"
            " pipeline/vocabulary.py and train anew"
        )
