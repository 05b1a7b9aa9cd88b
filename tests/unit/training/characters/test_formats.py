from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrq.errors import UsageError
from pipeline.glyph_image import normalise_intensity
from pipeline.nets.vocabulary import ASCII_CLASSES
from tests.unit.training.character_files import (
    draw_characters,
    write_az_csv,
    write_idx,
    write_npz,
)
from training.characters.charset import CharacterSet
from training.characters.formats import load_characters, read_idx


def text_of(characters: CharacterSet) -> str:
    return "".join(ASCII_CLASSES[i] for i in characters.labels)


def expected(characters: str) -> np.ndarray:
    return np.stack([normalise_intensity(p) for p in draw_characters(characters)])


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_mnist_idx(tmp_path: Path, suffix: str) -> None:
    images = write_idx(tmp_path / f"t10k-images-idx3-ubyte{suffix}", draw_characters("3901"))
    write_idx(tmp_path / f"t10k-labels-idx1-ubyte{suffix}", np.array([3, 9, 0, 1]))
    characters = load_characters(images)
    assert text_of(characters) == "3901"
    assert np.array_equal(characters.images, expected("3901"))


def test_mnist_npz_joins_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    np.savez(
        path,
        x_train=draw_characters("12"),
        y_train=np.array([1, 2]),
        x_test=draw_characters("7"),
        y_test=np.array([7]),
    )
    assert text_of(load_characters(path)) == "127"


@pytest.mark.parametrize("heading", [False, True])
def test_kaggle_az_labels_start_at_a(tmp_path: Path, heading: bool) -> None:
    characters = load_characters(write_az_csv(tmp_path / "A_Z.csv", "AZQ", heading))
    assert text_of(characters) == "AZQ"
    assert np.array_equal(characters.images, expected("AZQ"))


@pytest.mark.parametrize(
    ("split", "labels", "text"),
    [
        ("byclass", [0, 10, 36, 61], "0Aaz"),
        ("balanced", [9, 35, 36, 46], "9Zat"),
        ("letters", [1, 26, 2, 3], "AZBC"),
        ("digits", [0, 5, 9, 1], "0591"),
    ],
)
def test_emnist_is_turned_upright(tmp_path: Path, split: str, labels: list[int], text: str) -> None:
    upright = draw_characters(text)
    name = f"emnist-{split}-test-images-idx3-ubyte.gz"
    images = write_idx(tmp_path / name, upright.transpose(0, 2, 1))
    write_idx(tmp_path / f"emnist-{split}-test-labels-idx1-ubyte.gz", np.array(labels))
    characters = load_characters(images)
    assert text_of(characters) == text
    assert np.array_equal(characters.images, expected(text))


def test_own_npz(tmp_path: Path) -> None:
    characters = load_characters(write_npz(tmp_path / "own.npz", "aB7%"))
    assert text_of(characters) == "aB7%"
    assert characters.images.shape == (4, 32, 32)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    cut = tmp_path / "cut-images-idx3-ubyte"
    cut.write_bytes(write_idx(tmp_path / "x", draw_characters("12")).read_bytes()[:100])
    write_idx(tmp_path / "cut-labels-idx1-ubyte", np.array([1, 2]))
    text = tmp_path / "text.csv"
    text.write_text("a,b\nc,d\n")
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, images=draw_characters("1"), labels=np.array(["é"]))
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(b"PK\x03\x04 no archive")
    other = tmp_path / "other.txt"
    other.write_text("x")
    for path in (cut, text, wrong, damaged, other, tmp_path / "absent.npz"):
        with pytest.raises(UsageError, match=path.name):
            load_characters(path)


def test_labels_beyond_the_classes_are_refused(tmp_path: Path) -> None:
    images = write_idx(tmp_path / "t-images-idx3-ubyte", draw_characters("12"))
    write_idx(tmp_path / "t-labels-idx1-ubyte", np.array([1, 12]))
    with pytest.raises(UsageError, match=r"labels 1\.\.12"):
        load_characters(images)


def test_idx_keeps_shape_and_type(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(read_idx(write_idx(tmp_path / "a", array)), array)
