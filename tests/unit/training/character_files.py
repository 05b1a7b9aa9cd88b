"""Small files of characters and folders of fonts for the tests of training."""

from __future__ import annotations

import gzip
import shutil
import struct
from pathlib import Path

import cv2
import matplotlib
import numpy as np

from pipeline.nets.vocabulary import ASCII_CLASSES


def draw_characters(characters: str, seed: int = 0) -> np.ndarray:
    """(N, 28, 28) uint8 pictures, ink white, every one a little different."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((len(characters), 28, 28), dtype=np.uint8)
    for picture, char in zip(pictures, characters, strict=True):
        place = (int(rng.integers(4, 10)), int(rng.integers(18, 24)))
        scale = float(rng.uniform(0.5, 0.9))
        cv2.putText(picture, char, place, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 2, cv2.LINE_AA)
    return pictures


def write_npz(path: Path, characters: str, seed: int = 0) -> Path:
    np.savez(path, images=draw_characters(characters, seed), labels=np.array(list(characters)))
    return path


def write_idx(path: Path, array: np.ndarray) -> Path:
    """idx with unsigned bytes; gzipped when the name says so."""
    data = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    data += array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_az_csv(path: Path, characters: str, heading: bool) -> Path:
    """Kaggle's A-Z: label 0-25 and 784 pixels a row."""
    lines = [",".join(["0", *(f"0.{i}" for i in range(1, 785))])] if heading else []
    for char, picture in zip(characters, draw_characters(characters), strict=True):
        values = [ASCII_CLASSES.index(char) - 10, *picture.ravel().tolist()]
        lines.append(",".join(str(v) for v in values))
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def copy_fonts(folder: Path) -> Path:
    """Two families from the fonts that matplotlib brings along."""
    source = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for family, names in {
        "sans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
        "serif": ("DejaVuSerif.ttf",),
    }.items():
        (folder / family).mkdir(parents=True)
        for name in names:
            shutil.copy(source / name, folder / family / name)
    return folder
