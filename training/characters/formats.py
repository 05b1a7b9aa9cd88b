"""Readers for the files in which public sets of characters come.

MNIST (LeCun et al. 1998) as idx or npz, EMNIST (Cohen et al. 2017) as idx, the Kaggle A-Z CSV
(NIST Special Database 19), and this project's npz. All give the same CharacterSet.
"""

from __future__ import annotations

import gzip
import string
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ocrq.errors import UsageError
from training.characters.charset import CharacterSet
from training.characters.pixels import checked_pixels

_ALNUM: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
#: Classes of EMNIST's splits by the number of their labels. Balanced merges the lower-case
#: letters that look like their capitals; Letters starts at 1.
_EMNIST_CLASSES: Final = {
    "digits": string.digits,
    "mnist": string.digits,
    "letters": "?" + string.ascii_uppercase,
    "balanced": string.digits + string.ascii_uppercase + "abdefghnqrt",
    "bymerge": string.digits + string.ascii_uppercase + "abdefghnqrt",
    "byclass": _ALNUM,
}
_IDX_TYPES: Final = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_AZ_OFFSET: Final = 10  # label 0 is "A", which is class 10 after the digits
#: What readers raise at a file that is cut off, or another thing than its name says.
_UNREADABLE: Final = (
    OSError, ValueError, TypeError, LookupError, EOFError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def load_characters(path: Path) -> CharacterSet:
    """Read any supported file, told apart by its name and content.

    For idx give the images' file; the labels' file lies beside it under the usual name
    (`...-images-idx3-ubyte[.gz]` and `...-labels-idx1-ubyte[.gz]`).

    Raises:
        UsageError: the file is missing or is none of the formats; names it.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file of characters")
    name = path.name.lower()
    try:
        if name.endswith(".csv"):
            return load_az_csv(path)
        if name.endswith(".npz"):
            return load_npz(path)
        if "idx3" in name:
            return load_emnist(path) if "emnist" in name else load_mnist_idx(path)
    except _UNREADABLE as exc:
        raise UsageError(f"{path}: cannot be read as a file of characters: {exc}") from exc
    raise UsageError(f"{path}: not a known file of characters (idx3-ubyte[.gz], npz or csv)")


def load_npz(path: Path) -> CharacterSet:
    """This project's `images`, `labels` (one character each), or MNIST's `x_train` and so on.

    Raises:
        ValueError: other arrays, pictures that are no grey ones of 0..255, or a bad label.
    """
    # np.load leaves a file open that turns out to be no archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        if "images" in arrays:
            return CharacterSet.from_raw(
                checked_pixels(arrays["images"]), arrays["labels"].tolist()
            )
        if "x_train" not in arrays:
            raise ValueError(
                f"it holds {', '.join(arrays) or 'nothing'}; needed are images and labels, or "
                "x_train, y_train, x_test and y_test"
            )
        images = np.concatenate([arrays["x_train"], arrays["x_test"]])
        digits = np.concatenate([arrays["y_train"], arrays["y_test"]])
    return _from_indices(images, digits, string.digits)


def load_mnist_idx(images_path: Path) -> CharacterSet:
    """MNIST's pair of idx files: upright digits."""
    return _from_indices(read_idx(images_path), read_idx(_labels_of(images_path)), string.digits)


def load_emnist(images_path: Path) -> CharacterSet:
    """A pair of EMNIST idx files; the images are stored transposed."""
    split = next((s for s in _EMNIST_CLASSES if f"-{s}-" in images_path.name.lower()), None)
    if split is None:
        raise ValueError(f"the name has none of the splits {', '.join(_EMNIST_CLASSES)}")
    images = read_idx(images_path).transpose(0, 2, 1)
    return _from_indices(images, read_idx(_labels_of(images_path)), _EMNIST_CLASSES[split])


def load_az_csv(path: Path) -> CharacterSet:
    """Kaggle's A-Z: a row is the label 0-25 and 784 pixels, ink white; a heading is skipped."""
    with path.open(encoding="ascii") as file:
        # The original has none; copies saved by pandas begin with 0,0.1,0.2 and so on.
        has_heading = not all(v.strip().isdigit() for v in file.readline().split(","))
    rows = np.loadtxt(path, delimiter=",", dtype=np.uint8, skiprows=int(has_heading), ndmin=2)
    if rows.shape[1] != 785:
        raise ValueError(f"a row has {rows.shape[1]} values, not 785")
    images = np.ascontiguousarray(rows[:, 1:]).reshape(-1, 28, 28)
    return _from_indices(images, rows[:, 0].astype(np.int64) + _AZ_OFFSET, _ALNUM)


def read_idx(path: Path) -> npt.NDArray[Any]:
    """The array of an idx file (big-endian, LeCun), gzipped or not."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _IDX_TYPES:
        raise ValueError(f"{path.name} has no idx header")
    axes = data[3]
    shape = tuple(np.frombuffer(data, ">u4", axes, offset=4).tolist())
    values = np.frombuffer(data, _IDX_TYPES[data[2]], offset=4 + 4 * axes)
    return values.reshape(shape)


def _labels_of(images_path: Path) -> Path:
    name = images_path.name.replace("images", "labels").replace("idx3", "idx1")
    return images_path.with_name(name)


def _from_indices(
    images: npt.NDArray[Any], indices: npt.NDArray[Any], classes: str
) -> CharacterSet:
    pixels = checked_pixels(images)
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ValueError(
            f"labels of shape {indices.shape}, {indices.dtype}; needed is a row of whole numbers"
        )
    if len(images) != len(indices):
        raise ValueError(f"{len(images)} images but {len(indices)} labels")
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < len(classes):
        raise ValueError(f"labels {indices.min()}..{indices.max()} for {len(classes)} classes")
    return CharacterSet.from_raw(pixels, (classes[i] for i in indices.tolist()))
