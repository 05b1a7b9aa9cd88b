"""Runtimes of the line recogniser: the file that ships, the float one, TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import EngineInfo, PageOptions
from pipeline.calibration import Calibration
from pipeline.ctc.path import best_path
from pipeline.engines.crnn import CrnnEngine
from pipeline.line_image import STRIDE_PX, normalise_line, padded_width
from pipeline.runtime.graph import Runtime, load_runtime, run_pixels
from pipeline.runtime.litert import LiteRTModel
from pipeline.runtime.tensorflow import TensorFlowModel
from pipeline.vocabulary import CHARACTERS, decode
from pipeline.weights import find_model
from tests.drawing import make_page
from training.evaluation.formats import measure_formats
from training.evaluation.line_crops import line_image
from training.export_litert import convert_float, convert_mixed
from training.lines.synthesise import Lines

TEXTS = (
    "The quick brown fox", "jumps over 1,234.50 lazy dogs;", "TOTAL", "No. 7",
    "a line that is a good deal longer than the others", "e-mail: x@y.org",
)  # fmt: skip


def picture(text: str) -> npt.NDArray[np.uint8]:
    page = make_page(text, dpi=150, size_in=(6.0, 0.5), margin_in=0.1)
    rows = np.flatnonzero((page < 128).any(axis=1))
    columns = np.flatnonzero((page < 128).any(axis=0))
    return normalise_line(page[rows[0] - 2 : rows[-1] + 3, columns[0] : columns[-1] + 1])


PICTURES = tuple(picture(text) for text in TEXTS)


def read(model: Runtime, extra_px: int = 0) -> list[str]:
    """Each line alone, with so much more paper at its right."""
    found = []
    for image in PICTURES:
        pixels = np.zeros((1, 32, padded_width(image.shape[1]) + extra_px, 1), np.uint8)
        pixels[0, :, : image.shape[1], 0] = image
        logits = run_pixels(model, pixels)[0, : -(-image.shape[1] // STRIDE_PX)]
        found.append(decode(best_path([logits]).labels.tolist()))
    return found


@pytest.fixture(scope="module")
def shipped() -> Runtime:
    return load_runtime(find_model("crnn"))


@pytest.fixture(scope="module")
def in_tensorflow() -> Runtime:
    return load_runtime(find_model("crnn"), "gpu")


def test_more_paper_changes_nothing(shipped: Runtime) -> None:
    assert read(shipped) == read(shipped, 64) == read(shipped, 512)


def test_tensorflow_reads_what_the_shipped_file_reads(
    shipped: Runtime, in_tensorflow: Runtime
) -> None:
    same = [a == b for a, b in zip(read(shipped), read(in_tensorflow), strict=True)]
    assert sum(same) >= len(same) - 1
    assert read(in_tensorflow) == read(in_tensorflow, 512)


def test_the_engine_of_a_gpu_reads_as_a_float_file_does(
    in_tensorflow: Runtime, tmp_path: Path
) -> None:
    import keras

    model = find_model("crnn")
    net = keras.saving.load_model(model.folder / "model.keras", compile=False)
    (tmp_path / "float.tflite").write_bytes(convert_float(net))
    info = EngineInfo(name="crnn", version=model.version, weights_sha256=model.weights_sha256)
    lines = [line_image(255 - picture) for picture in PICTURES]
    by_file, by_tensorflow = (
        CrnnEngine(runtime, info, Calibration.from_card(model.card)).read(lines, PageOptions())
        for runtime in (LiteRTModel(tmp_path / "float.tflite"), in_tensorflow)
    )
    # One line at a time there, all in one batch here.
    assert [r.text for r in by_file] == [r.text for r in by_tensorflow]
    for a, b in zip(by_file, by_tensorflow, strict=True):
        assert len(a.chars) > 3
        assert [c.box for c in a.chars] == [c.box for c in b.chars]
        assert [c.confidence for c in a.chars] == pytest.approx(
            [c.confidence for c in b.chars], abs=0.01
        )


def test_a_batch_too_large_for_one_call_gives_the_same_as_its_rows(
    in_tensorflow: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.zeros((5, 32, 256, 1), np.uint8)
    for row, image in zip(pixels, PICTURES, strict=False):
        row[:, : min(256, image.shape[1]), 0] = image[:, :256]
    whole = run_pixels(in_tensorflow, pixels)
    monkeypatch.setattr("pipeline.runtime.tensorflow._CHUNK_PX", 2 * 32 * 256)
    np.testing.assert_allclose(run_pixels(in_tensorflow, pixels), whole, atol=2e-3)
    assert in_tensorflow.run(np.zeros((0, 32, 64, 1), np.float32)).shape[0] == 0


@pytest.fixture(scope="module")
def net() -> Any:
    import keras
    from keras import layers

    keras.utils.set_random_seed(3)
    image = layers.Input((4, None, 1))
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(image)
    x = layers.DepthwiseConv2D((1, 5), padding="same")(x)
    x = layers.Conv2D(8, 1, name="logits")(x)
    # Behind it a layer, as in the line recogniser: the last one loses its name.
    return keras.Model(image, layers.Reshape((-1, 8))(x))


def weights_of(path: Path) -> dict[str, int]:
    """How many tensors of weights a file has in each type."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    found: dict[str, int] = {}
    for tensor in interpreter.get_tensor_details():
        if len(tensor["shape"]) == 4 and -1 not in tensor["shape_signature"]:
            name = np.dtype(tensor["dtype"]).name
            found[name] = found.get(name, 0) + 1
    return found


def test_only_convolutions_are_quantised_and_those_that_are_kept_stay_float(
    net: Any, tmp_path: Path
) -> None:
    for name, content in (
        ("float", convert_float(net)),
        ("mixed", convert_mixed(net)),
        ("kept", convert_mixed(net, keep_float=("logits",))),
    ):
        (tmp_path / name).write_bytes(content)
    assert weights_of(tmp_path / "float") == {"float32": 3}
    assert weights_of(tmp_path / "mixed") == {"int8": 2, "float32": 1}
    assert weights_of(tmp_path / "kept") == {"int8": 1, "float32": 2}

    pixels = np.random.default_rng(0).random((3, 4, 40, 1), np.float32)
    floats = LiteRTModel(tmp_path / "float").run(pixels)
    error = np.abs(LiteRTModel(tmp_path / "mixed").run(pixels) - floats).max()
    error_kept = np.abs(LiteRTModel(tmp_path / "kept").run(pixels) - floats).max()
    assert 0 < error < 0.03 * np.abs(floats).max()
    assert error_kept < error


def test_weights_rounded_for_what_they_compute_compute_it_better(net: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    # What the second layer sees goes together: all its inputs are made of the same few pixels.
    pictures = [rng.random((1, 4, 40, 1), np.float32) for _ in range(30)]
    unseen = rng.random((20, 4, 40, 1), np.float32)
    off = {}
    floats = np.zeros(0, np.float32)
    for name, content in (
        ("float", convert_float(net)),
        ("each", convert_mixed(net)),
        ("together", convert_mixed(net, pictures=pictures)),
    ):
        (tmp_path / name).write_bytes(content)
        outputs = LiteRTModel(tmp_path / name).run(unseen)
        floats = outputs if name == "float" else floats
        off[name] = outputs - floats
    assert weights_of(tmp_path / "together") == weights_of(tmp_path / "each")
    assert np.square(off["together"]).mean() < np.square(off["each"]).mean()
    assert np.abs(off["together"].mean(axis=(0, 1))).max() < 0.003 * np.abs(floats).max()


def test_litert_float_is_what_keras_computes(net: Any, tmp_path: Path) -> None:
    (tmp_path / "float").write_bytes(convert_float(net))
    net.save(tmp_path / "model.keras")
    pixels = np.random.default_rng(0).random((3, 4, 40, 1), np.float32)
    np.testing.assert_allclose(
        LiteRTModel(tmp_path / "float").run(pixels),
        TensorFlowModel(tmp_path / "model.keras").run(pixels),
        atol=1e-4,
    )


def test_formats_of_a_line_model_are_compared_on_the_same_lines() -> None:
    import keras
    from keras import layers

    keras.utils.set_random_seed(4)
    image = layers.Input((32, None, 1))
    x = layers.Conv2D(16, (1, 4), strides=(1, 4), padding="same", activation="relu")(image)
    x = layers.Conv2D(16, (32, 1), activation="relu")(x)
    x = layers.Conv2D(len(CHARACTERS) + 1, 1, name="logits")(x)
    tiny = keras.Model(image, layers.Reshape((-1, len(CHARACTERS) + 1))(x))
    found = measure_formats(tiny, {"drawn": Lines(images=PICTURES, texts=TEXTS)}, list(PICTURES))
    floats, mixed, kept, together, static = (figures["drawn"] for figures in found.values())
    assert (floats.same, floats.apart_95) == (1.0, 0.0)
    assert 0 < kept.apart_95 <= mixed.apart_95 < 0.1
    assert 0 < together.apart_95 < 0.1
    assert static.lines_per_s > 0
