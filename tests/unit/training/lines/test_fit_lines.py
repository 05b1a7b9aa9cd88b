"""A tiny fit learns, stops and goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.vocabulary import CHARACTERS
from training.lines.batches import Batch, make_batch


def striped_batch() -> Batch:
    image = np.zeros((32, 64), np.uint8)
    image[4:28, 8:24] = 255
    return make_batch([image, image.copy()], ["ab", "ab"])


@pytest.fixture
def fit_module() -> object:
    return pytest.importorskip("training.lines.fit")


def test_a_stopped_fit_goes_on(fit_module: object, tmp_path: Path) -> None:
    from training.lines.fit import FitPlan, fit

    batch = striped_batch()

    def batches() -> Iterator[Batch]:
        while True:
            yield batch

    plan = FitPlan(size="s", budget_s=1.0, checkpoint_s=0.1)
    fit(tmp_path, plan, batches())
    first = json.loads((tmp_path / "progress.json").read_text())
    seen: list[float] = []
    longer = FitPlan(size="s", budget_s=first["elapsed_s"] + 0.5, checkpoint_s=0.1)
    net = fit(tmp_path, longer, batches(), on_checkpoint=lambda _net, s: seen.append(s))
    second = json.loads((tmp_path / "progress.json").read_text())
    assert second["lines"] > first["lines"]
    assert min(seen) > first["elapsed_s"]
    assert net.output_shape[-1] == len(CHARACTERS) + 1
    assert (tmp_path / "crnn.keras").exists()


def test_ctc_loss_prefers_the_right_label() -> None:
    pytest.importorskip("keras")
    from training.lines.loss import ctc_loss_per_character

    logits = np.full((1, 6, 5), -5.0, np.float32)
    for t, k in enumerate([1, 1, 0, 2, 0, 0]):
        logits[0, t, k] = 5.0
    lengths, steps = np.array([2], np.int32), np.array([6], np.int32)
    right = float(ctc_loss_per_character(logits, np.array([[1, 2]], np.int32), lengths, steps))
    wrong = float(ctc_loss_per_character(logits, np.array([[2, 1]], np.int32), lengths, steps))
    assert right < 0.1 < wrong
