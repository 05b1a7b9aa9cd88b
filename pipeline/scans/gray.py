"""Any pixel format that Pillow decodes, as one grey image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from pipeline.image import GrayImage

_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0
_HAS_ALPHA = frozenset({"LA", "PA", "RGBA"})


def to_gray(image: Image.Image) -> GrayImage:
    """Grey values of an image; what is transparent shows white paper.

    Colour becomes luma (ITU-R 601, as in JPEG). 16-bit values are rounded to 8 bits; 32-bit
    integers and floats beyond the 8-bit range are scaled so that the largest value is white.

    Returns:
        (H, W) uint8, 0 = black; may be read-only.
    """
    if image.mode.startswith("I;16"):
        return _from_16_bit(image)
    if image.mode in ("I", "F"):
        return _from_wide(np.asarray(image))
    if image.mode == "La" or image.mode == "RGBa":
        image = image.convert(image.mode.upper())
    elif "transparency" in image.info and image.mode in ("L", "P", "RGB"):
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    if image.mode in _HAS_ALPHA:
        return _on_white(image)
    if image.mode in ("LAB", "YCbCr"):
        return np.asarray(image.getchannel(0))  # lightness
    return np.asarray(image if image.mode == "L" else image.convert("L"))


def upright(gray: GrayImage, orientation: int) -> GrayImage:
    """Turn and mirror as EXIF tag 274 says (1..8; anything else leaves the image as it is).

    >>> upright(np.array([[1, 2]], np.uint8), 6).tolist()  # the camera lay on its left side
    [[1], [2]]
    """
    if orientation in (5, 6, 7, 8):
        gray = gray.T
    if orientation in (3, 4, 7, 8):
        gray = gray[::-1]
    if orientation in (2, 3, 6, 7):
        gray = gray[:, ::-1]
    return np.ascontiguousarray(gray)


def _on_white(image: Image.Image) -> GrayImage:
    alpha = image.getchannel("A")
    gray = image.convert("L") if image.mode != "PA" else image.convert("RGBA").convert("L")
    paper = Image.new("L", image.size, 255)
    paper.paste(gray, mask=alpha)
    return np.asarray(paper)


def _from_16_bit(image: Image.Image) -> GrayImage:
    wide: npt.NDArray[np.uint16] = np.asarray(image).astype(np.uint16)
    key = image.info.get("transparency")
    # Rounds v / 257 without leaving 16 bits.
    gray = ((wide - (wide >> 8) + 128) >> 8).astype(np.uint8)
    if isinstance(key, int):
        gray[wide == key] = 255
    if _is_inverted(image):
        np.subtract(255, gray, out=gray)
    return gray


def _is_inverted(image: Image.Image) -> bool:
    # Pillow inverts white-is-zero TIFFs up to 8 bits, not those of 16.
    return (
        isinstance(image, TiffImagePlugin.TiffImageFile)
        and image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    )


def _from_wide(values: npt.NDArray[np.int32] | npt.NDArray[np.float32]) -> GrayImage:
    finite = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(finite.min())), float(finite.max())
    if low < 0 or high > 255 or (values.dtype.kind == "f" and high <= 1.0):
        # 16-bit scans arrive as 32-bit integers from some writers: keep their white.
        if values.dtype.kind == "i" and low == 0 and high <= 65535:
            high = 65535.0
        finite = (finite - low) * (255.0 / max(high - low, 1e-12))
    gray: GrayImage = np.rint(np.clip(finite, 0.0, 255.0)).astype(np.uint8)
    return gray
