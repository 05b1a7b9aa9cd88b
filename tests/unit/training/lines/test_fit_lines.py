"""A tiny fit learns, stops, goes on where it stopped, and branches off to a release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.vocabulary import CHARACTERS
from training.lines.batches import Batch, make_batch

pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def tiny_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Size "s" with every kind of layer, but few: most of a short fit is tracing them."""
    from pipeline.nets.crnn import SIZES, CrnnSize

    tiny = CrnnSize(stem=8, eighth=8, quarter=16, time=32, time_blocks=1)
    monkeypatch.setitem(SIZES, "s", tiny)


def striped_batches() -> Iterator[Batch]:
    image = np.zeros((32, 64), np.uint8)
    image[4:28, 8:24] = 255
    while True:
        yield make_batch([image, image.copy()], ["ab", "ab"])


def progress(folder: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads((folder / "progress.json").read_text())
    return found


@pytest.mark.timeout(600)
def test_a_stopped_fit_goes_on_and_a_release_branches_off(tmp_path: Path) -> None:
    from training.lines.fit import FitPlan, fit
    from training.lines.progress import begin_release

    trunk, branch = tmp_path / "trunk", tmp_path / "branch"
    fit(trunk, FitPlan(size="s", budget_s=1.0, checkpoint_s=0.1), striped_batches())
    first = progress(trunk)
    longer = FitPlan(size="s", budget_s=first["elapsed_s"] + 0.5, checkpoint_s=0.1)
    net = fit(trunk, longer, striped_batches())
    second = progress(trunk)
    assert second["lines"] > first["lines"]
    assert second["elapsed_s"] > first["elapsed_s"]
    assert net.output_shape[-1] == len(CHARACTERS) + 1
    begin_release(trunk, branch)
    assert progress(branch) == second | {"elapsed_s": 0.0}
    fit(branch, FitPlan(size="s", budget_s=0.5, release_share=1.0), striped_batches())
    assert progress(branch)["lines"] > second["lines"]
    assert progress(trunk) == second
    assert (branch / "crnn.keras").exists()


def test_a_step_that_spoils_the_weights_is_taken_back(tmp_path: Path) -> None:
    from training.lines.fit import FitPlan, fit

    def spoilt() -> Iterator[Batch]:
        for number, batch in enumerate(striped_batches()):
            no_length = np.zeros_like(batch.label_length)  # loss a character: nought by nought
            yield replace(batch, label_length=no_length) if number == 0 else batch

    net = fit(tmp_path, FitPlan(size="s", budget_s=0.5, checkpoint_s=0.1), spoilt())
    assert all(np.isfinite(weight).all() for weight in net.get_weights())


def test_the_moving_average_starts_at_the_weights_and_follows_them() -> None:
    from training.lines.trainer import build_trainer

    trainer = build_trainer("s", "bfloat16")
    batches = striped_batches()
    trainer.step(next(batches), 1e-3)
    start = [w.copy() for w in trainer.net.get_weights()]
    for own, averaged in zip(start, trainer.averaged().get_weights(), strict=True):
        np.testing.assert_allclose(own, averaged, atol=1e-6)
    for _ in range(3):
        trainer.step(next(batches), 1e-2)
    moved = np.concatenate([w.ravel() for w in trainer.net.get_weights()])
    mean = np.concatenate([w.ravel() for w in trainer.averaged().get_weights()])
    begin = np.concatenate([w.ravel() for w in start])
    trainable = np.abs(moved - begin) > 1e-4
    assert np.abs(mean - begin)[trainable].mean() < 0.5 * np.abs(moved - begin)[trainable].mean()
    assert (mean != begin).any()


def test_ctc_loss_prefers_the_right_label() -> None:
    from training.lines.loss import ctc_loss_per_character

    logits = np.full((1, 6, 5), -5.0, np.float32)
    for t, k in enumerate([1, 1, 0, 2, 0, 0]):
        logits[0, t, k] = 5.0
    lengths, steps = np.array([2], np.int32), np.array([6], np.int32)
    right = float(ctc_loss_per_character(logits, np.array([[1, 2]], np.int32), lengths, steps))
    wrong = float(ctc_loss_per_character(logits, np.array([[2, 1]], np.int32), lengths, steps))
    assert right < 0.1 < wrong
