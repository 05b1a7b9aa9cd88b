from __future__ import annotations

from collections.abc import Callable
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p / 255, r"values are 0\.\.1; .*multiply by 255"),
        (lambda p: p > 0, r"values are 0\.\.1"),
        (lambda p: p + 0.5, r"no whole numbers|0\.5\.\.255\.5"),
        (lambda p: p / 2.0, "no whole numbers"),
        (lambda p: p.astype(np.int16) - 1, r"-1\.\.254"),
        (lambda p: np.where(p > 0, np.nan, 0.0), r"nan\.\.nan"),
        (lambda p: np.stack([p] * 3, axis=3), "2 x 28 x 28 x 3 values; needed are grey ones"),
        (lambda p: p.reshape(2, -1), "2 x 784 values"),
        (lambda p: p[:0], "there is no picture in it"),
        (lambda p: p.astype(str), "pictures of <U"),
    ],
)
def test_pictures_of_another_kind_are_not_taken_for_blank_ones(
    tmp_path: Path, change: Callable[[np.ndarray], np.ndarray], message: str
) -> None:
    path = tmp_path / "other.npz"
    pictures = change(draw_characters("12"))
    np.savez(path, images=pictures, labels=np.array(list("12"))[: len(pictures)])
    with pytest.raises(UsageError, match=f"other.npz: .*({message})"):
        load_characters(path)


def test_whole_numbers_may_be_floats(tmp_path: Path) -> None:
    path = tmp_path / "float.npz"
    np.savez(path, images=draw_characters("12").astype(np.float32), labels=np.array(["1", "2"]))
    assert np.array_equal(load_characters(path).images, expected("12"))


@pytest.mark.parametrize("label", ["é", "12", "", 3])
def test_a_bad_label_is_named_with_its_place(tmp_path: Path, label: str | int) -> None:
    path = tmp_path / "labels.npz"
    labels = [1, label] if isinstance(label, int) else ["1", label]
    np.savez(path, images=draw_characters("12"), labels=np.array(labels))
    bad, row = (1, 0) if isinstance(label, int) else (label, 1)
    with pytest.raises(UsageError, match=f"label {bad!r} of picture {row}"):
        load_characters(path)


def test_arrays_of_other_names_and_files_of_other_kinds_are_named(tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    np.savez(other, pictures=draw_characters("12"))
    with pytest.raises(UsageError, match="it holds pictures; needed are images and labels"):
        load_characters(other)
    one_hot = tmp_path / "one_hot.npz"
    images = draw_characters("12")
    np.savez(one_hot, x_train=images, x_test=images, y_train=np.eye(2), y_test=np.eye(2))
    with pytest.raises(UsageError, match=r"labels of shape \(4, 2\)"):
        load_characters(one_hot)
    for name, content in (("empty.npz", b""), ("empty-images-idx3-ubyte.gz", b"\x1f\x8b")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match=name):
            load_characters(tmp_path / name)
    with (tmp_path / "array.npz").open("wb") as file:
        np.save(file, images)
    with pytest.raises(UsageError, match=r"array\.npz"):
        load_characters(tmp_path / "array.npz")


def test_labels_beyond_the_classes_are_refused(tmp_path: Path) -> None:
    images = write_idx(tmp_path / "t-images-idx3-ubyte", draw_characters("12"))
    write_idx(tmp_path / "t-labels-idx1-ubyte", np.array([1, 12]))
    with pytest.raises(UsageError, match=r"labels 1\.\.12"):
        load_characters(images)


def test_idx_keeps_shape_and_type(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(read_idx(write_idx(tmp_path / "a", array)), array)
