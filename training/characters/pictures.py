"""The pictures of a report: curves, confusion, reliability, right and wrong samples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.glyph_image import SIZE_PX
from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.evaluate import Answers

_GREEN: Final = (60, 150, 30)  # blue, green, red as OpenCV has it
_RED: Final = (40, 40, 200)
_CELL_PX: Final = 64
_CAPTION_PX: Final = 18


def draw_curves(history: Path, path: Path) -> None:
    """Loss, accuracy and learning rate over time, from a run's history.jsonl."""
    entries = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
    figure = _figure(9, 3.2)
    accuracies = sorted({k for e in entries for k in e if k.endswith("accuracy")})
    plots = {"loss": ("loss",), "accuracy": accuracies, "learning rate": ("learning_rate",)}
    for number, (title, names) in enumerate(plots.items(), start=1):
        axes = figure.add_subplot(1, 3, number)
        for name in names:
            points = [(e["elapsed_s"] / 60, e[name]) for e in entries if name in e]
            axes.plot(*zip(*points, strict=True), marker=".", label=name) if points else None
        axes.set(title=title, xlabel="minutes")
        if len(names) > 1:
            axes.legend()
    figure.savefig(path, dpi=110)


def draw_confusion(confusion: npt.NDArray[np.int64], path: Path) -> None:
    """Confusion matrix of the classes that occur, rows (truth) scaled to 1, on a log scale."""
    used = np.flatnonzero(confusion.sum(axis=1))
    shares = confusion[np.ix_(used, used)] / confusion[used].sum(axis=1, keepdims=True)
    side = 2.0 + 0.13 * len(used)
    figure = _figure(side, side)
    axes = figure.add_subplot()
    image = axes.imshow(np.log10(np.maximum(shares, 1e-3)), cmap="magma", vmin=-3, vmax=0)
    names = [ASCII_CLASSES[i] for i in used]
    for set_ticks in (axes.set_xticks, axes.set_yticks):
        set_ticks(range(len(used)), names, fontsize=7, parse_math=False)
    axes.set(xlabel="answer", ylabel="truth")
    bar = figure.colorbar(image, ax=axes, shrink=0.7, ticks=[-3, -2, -1, 0])
    bar.ax.set_yticklabels(["0.1 % or less", "1 %", "10 %", "100 %"])
    figure.savefig(path, dpi=110)


def draw_reliability(sets: Sequence[Answers], path: Path) -> None:
    """Accuracy against confidence in ten bins, a curve for each class set."""
    figure = _figure(4.2, 4.2)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="honest")
    for answers in sets:
        bins = np.minimum((answers.confidence * 10).astype(np.int64), 9)
        points = [
            (answers.confidence[bins == b].mean(), answers.is_right[bins == b].mean())
            for b in range(10)
            if (bins == b).sum() >= 10
        ]
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=answers.class_set)
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(path, dpi=110)


def draw_samples(
    images: npt.NDArray[np.uint8], answers: Answers, path: Path, seed: int, columns: int = 20
) -> None:
    """A montage: random answers, then the most confident errors; right green, wrong red.

    A caption is the answer and the confidence in percent, behind a slash the truth if it differs.
    """
    rng = np.random.default_rng(seed)
    count = len(answers.rows)
    random = rng.permutation(count)[: 6 * columns]
    wrong = np.flatnonzero(~answers.is_right)
    worst = wrong[np.argsort(-answers.confidence[wrong], kind="stable")][: 4 * columns]
    rows = []
    for part in (random, worst):
        cells = [_cell(images[answers.rows[i]], answers, int(i)) for i in part]
        blank = np.full((_CELL_PX + _CAPTION_PX, _CELL_PX, 3), 255, dtype=np.uint8)
        cells += [blank] * (-len(cells) % columns)
        rows += [np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)]
        rows.append(np.full((8, columns * _CELL_PX, 3), 90, dtype=np.uint8))
    cv2.imwrite(str(path), np.vstack(rows[:-1]))


def _cell(image: npt.NDArray[np.uint8], answers: Answers, i: int) -> npt.NDArray[np.uint8]:
    is_right = bool(answers.is_right[i])
    colour = _GREEN if is_right else _RED
    cell = np.full((_CELL_PX + _CAPTION_PX, _CELL_PX, 3), 255, dtype=np.uint8)
    large = cv2.resize(255 - image, (SIZE_PX * 2 - 4, SIZE_PX * 2 - 4))
    cell[2 : 2 + large.shape[0], 2 : 2 + large.shape[1]] = large[..., None]
    cv2.rectangle(cell, (0, 0), (_CELL_PX - 1, _CELL_PX - 1), colour, 2)
    caption = f"{ASCII_CLASSES[answers.answers[i]]} {100 * answers.confidence[i]:.0f}"
    if not is_right:
        caption += f" / {ASCII_CLASSES[answers.labels[i]]}"
    place = (2, _CELL_PX + _CAPTION_PX - 5)
    cv2.putText(cell, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
    return cell


def _figure(width: float, height: float) -> Any:
    # The object interface: pyplot would keep figures alive and ask for a display.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
