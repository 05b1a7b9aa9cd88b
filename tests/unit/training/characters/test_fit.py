"""Whole training runs on tiny data: a killed run continues exactly, and a run ends in a model."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrq.errors import UsageError
from pipeline.nets.vocabulary import ASCII_CLASSES
from tests.unit.training.character_files import copy_fonts, draw_characters, write_npz
from training.characters.charset import CharacterSet
from training.characters.config import Network, Progress, TrainConfig

#: Blocks and channels of a small_resnet that is cheap to trace; test_sizes_of_the_networks has the
#: one that ships.
_BLOCKS, _CHANNELS = (1, 1, 1), (8, 16, 32)

# One process for all of it, which loads TensorFlow once: what is to die is a fork of it, made
# before TensorFlow has worked.
_CHILD = f"""
import functools, os, signal, sys
from pathlib import Path
import numpy as np
import pipeline.nets.resnet as resnet
import training.characters.fit
from training.characters.train import train_characters
from training.characters.checkpoint import RunState, load_checkpoint
from training.characters.config import TrainConfig
from training.characters.data import load_data
from training.threads import limit_threads

characters, fonts, killed, never_killed = map(Path, sys.argv[1:])
resnet.small_resnet = functools.partial(
    resnet.small_resnet, depths={_BLOCKS}, widths={_CHANNELS}
)

def config(run):
    return TrainConfig(
        characters=(characters,), fonts=(fonts,), run_dir=run,
        steps=6, checkpoint_steps=2, batch=8, reject_share=0.125,
    )

def fit(run):
    data = load_data(config(run))
    watched = {{"handprint": data.handprint.take(data.split.calibration)}}
    batches = data.batches(config(run))
    return training.characters.fit.fit(config(run), batches, watched, lambda p: None)

def values(model):
    optimizer = [np.asarray(v) for v in model.optimizer.variables]
    return [*model.get_weights(), *optimizer]

def die():
    save = training.characters.fit.save_checkpoint
    def save_or_die(run_dir, model, state):
        if state.step == 4:  # in the middle of writing
            (run_dir / "checkpoints" / f"draft-{{os.getpid()}}").mkdir()
            os.kill(os.getpid(), signal.SIGKILL)
        return save(run_dir, model, state)
    training.characters.fit.save_checkpoint = save_or_die
    limit_threads(1)
    fit(killed)

pid = os.fork()
if pid == 0:
    try:
        die()
    finally:
        os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
limit_threads(1)
assert load_checkpoint(killed)[1].step == 2
rate = training.characters.fit.cosine_rate
def interrupt(fraction, highest):  # before the third batch
    os.kill(os.getpid(), signal.SIGTERM)
    return rate(fraction, highest)
training.characters.fit.cosine_rate = interrupt
try:
    fit(killed)
except KeyboardInterrupt:
    assert load_checkpoint(killed)[1].step == 3
else:
    raise AssertionError("was not interrupted")
training.characters.fit.cosine_rate = rate
resumed, whole = values(fit(killed)), values(fit(never_killed))
assert len(resumed) == len(whole) > 70
assert all(np.array_equal(a, b) for a, b in zip(resumed, whole))
"""


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_fonts(tmp_path_factory.mktemp("fonts"))


@pytest.mark.timeout(600)
def test_a_killed_and_an_interrupted_run_continue_with_identical_state(
    tmp_path: Path, fonts: Path
) -> None:
    data = write_npz(tmp_path / "data.npz", "ABC123" * 4)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, "-c", _CHILD, *map(str, (data, fonts, killed, whole))]
    assert subprocess.run(command, timeout=240, check=False).returncode == 0
    steps = [
        [json.loads(line)["step"] for line in (run / "history.jsonl").read_text().splitlines()]
        for run in (killed, whole)
    ]
    assert steps == [[2, 3, 4, 6], [2, 4, 6]]


@pytest.mark.timeout(600)
def test_a_run_ends_in_a_model_that_can_be_shipped(
    tmp_path: Path, fonts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    from pipeline.nets import resnet
    from pipeline.runtime.classifier import load_classifier
    from pipeline.weights import ModelFiles, verify
    from training.characters.fit import build_model
    from training.characters.grow import begin_from
    from training.characters.train import train_characters

    shallow = partial(resnet.small_resnet, depths=_BLOCKS, widths=_CHANNELS)
    monkeypatch.setattr(resnet, "small_resnet", shallow)
    config = TrainConfig(
        characters=(write_npz(tmp_path / "data.npz", ASCII_CLASSES[:62] * 2),),
        fonts=(fonts,),
        run_dir=tmp_path / "run",
        steps=3,
        batch=16,
        report_prints=64,
    )
    told: list[Progress] = []
    folder = train_characters(config, told.append)

    assert folder == tmp_path / "run" / "model"
    assert {p.name for p in folder.iterdir()} == {
        "model.tflite", "model.keras", "vocab.txt", "card.json", "CARD.md",
    }  # fmt: skip
    assert [p.stage for p in told if p.stage != "train"] == [
        "data", "calibrate", "export", "report", "report",
    ]  # fmt: skip
    card = json.loads((folder / "card.json").read_text())
    assert card["classes"] == ASCII_CLASSES
    assert card["reject_index"] == 94
    assert {m["class_set"] for m in card["metrics"]["handprint"]} == {
        "digits", "upper", "upper36", "alnum",
    }  # fmt: skip
    model = ModelFiles(name="resnet", version="1", folder=folder, card=card)
    verify(model)

    pictures = CharacterSet.from_raw(draw_characters("abc019"), "abc019").images
    int8, floating = (load_classifier(model, device) for device in ("cpu", "gpu"))
    for classifier in (int8, floating):
        probabilities = classifier.classify(pictures)
        assert probabilities.shape == (6, 95)
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        assert classifier.classify(pictures[:0]).shape == (0, 95)
    assert np.abs(int8.classify(pictures) - floating.classify(pictures)).max() < 0.1

    report = (tmp_path / "run" / "report" / "report.md").read_text()
    for name in ("curves", "confusion-handprint", "samples-handprint", "samples-print"):
        picture = cv2.imread(str(tmp_path / "run" / "report" / f"{name}.png"))
        assert picture is not None
        assert picture.shape[0] > 60
        assert f"({name}.png)" in report
    assert "### Per class (print, ascii)" in report

    with pytest.raises(UsageError, match=rf"other settings \(seed: {config.seed}, now 5\)"):
        train_characters(replace(config, seed=5))

    fresh = build_model(Network.SMALL, 0.1)
    begin_from(fresh, folder / "model.keras")
    shipped = keras.saving.load_model(folder / "model.keras")
    assert all(map(np.array_equal, fresh.get_weights(), shipped.get_weights()))
    with pytest.raises(UsageError, match=r"card\.json: cannot begin"):
        begin_from(fresh, folder / "card.json")


def test_a_mistyped_file_does_not_bind_the_folder_of_the_run(tmp_path: Path) -> None:
    from training.characters.train import train_characters

    config = TrainConfig(characters=(tmp_path / "mistyped.npz",), run_dir=tmp_path / "run")
    for seed in (1, 2):  # the first attempt is no run that the second one would go on with
        with pytest.raises(UsageError, match="no such file of characters"):
            train_characters(replace(config, seed=seed))
    assert not (config.run_dir / "config.json").exists()
    config.run_dir.mkdir(exist_ok=True)
    (config.run_dir / "config.json").write_text(config.to_json())  # killed before a checkpoint
    with pytest.raises(UsageError, match="no such file of characters"):
        train_characters(replace(config, seed=2))


@pytest.mark.parametrize("network", ["small", "reference", "plain", "mnist"])
def test_every_network_learns_a_small_batch_by_heart(network: str) -> None:
    import keras

    from pipeline.nets.plain_cnn import mnist_cnn, plain_cnn
    from pipeline.nets.resnet import reference_resnet, small_resnet
    from training.characters.batches import to_input

    labels = np.array([0, 1, 2, 3] * 4)
    pictures = to_input(CharacterSet.from_raw(draw_characters("AB12" * 4), "AB12" * 4).images)
    keras.utils.set_random_seed(1)
    model = {
        "small": lambda: small_resnet(4, depths=(1, 1), widths=(8, 16)),
        "reference": lambda: reference_resnet(4, stages=(1, 1), filters=(8, 16, 32)),
        "plain": lambda: plain_cnn(4),
        "mnist": lambda: mnist_cnn(4),
    }[network]()
    model.compile(
        optimizer=keras.optimizers.Adam(0.02 if "cnn" not in model.name else 0.003),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    losses = [float(model.train_on_batch(pictures, labels)) for _ in range(20)]
    assert losses[-1] < 0.5 * losses[0]


def test_a_deeper_network_begins_with_what_the_shallower_one_knows(tmp_path: Path) -> None:
    import keras

    from pipeline.nets.resnet import small_resnet
    from training.characters.grow import begin_from

    shallow = small_resnet(5, depths=(1, 1), widths=(4, 8))
    generator = np.random.default_rng(1)
    shallow.set_weights([generator.uniform(0.1, 1, w.shape) for w in shallow.get_weights()])
    shallow.save(tmp_path / "shallow.keras")
    deep = small_resnet(5, depths=(2, 3), widths=(4, 8))
    begin_from(deep, tmp_path / "shallow.keras")

    pictures = generator.random((3, 32, 32, 1)).astype(np.float32)
    assert np.allclose(deep.predict_on_batch(pictures), shallow.predict_on_batch(pictures))
    assert deep.count_params() > shallow.count_params()

    small_resnet(5, depths=(1, 1), widths=(4, 9)).save(tmp_path / "wider.keras")
    with pytest.raises(UsageError, match="channels wide"):
        begin_from(deep, tmp_path / "wider.keras")
    deep.save(tmp_path / "deep.keras")
    with pytest.raises(UsageError, match="more blocks"):
        begin_from(shallow, tmp_path / "deep.keras")
    assert isinstance(shallow, keras.Model)


def test_sizes_of_the_networks() -> None:
    from pipeline.nets.plain_cnn import mnist_cnn, plain_cnn
    from pipeline.nets.resnet import reference_resnet
    from training.characters.fit import build_model

    assert plain_cnn(36).count_params() == 138_468
    assert mnist_cnn(10).count_params() < 45_000
    # Stages (3, 3, 3) with filters (64, 64, 128, 256): 327,144 measured for 36 classes.
    assert reference_resnet(36).count_params() == pytest.approx(327_144, rel=0.001)
    assert build_model(Network.SMALL, 0.1).count_params() < 400_000
    assert build_model(Network.MEDIUM, 0.1).count_params() < 550_000
    assert build_model(Network.REFERENCE, 0.1).output_shape == (None, 95)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"characters": ()}, "at least one file"),
        ({"handprint_share": 0.99}, "no room for print"),
        ({"steps": 0}, "budget"),
        ({"batch": 2}, "too small"),
    ],
)
def test_configurations_that_cannot_work(change: dict[str, object], message: str) -> None:
    good = TrainConfig(characters=(Path("x.npz"),), run_dir=Path("run"))
    with pytest.raises(UsageError, match=message):
        replace(good, **change)  # type: ignore[arg-type]
