"""What tests of line training share."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import ImageFont


@pytest.fixture(scope="session")
def font_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The scalable font that Pillow carries, as a file."""
    font = ImageFont.load_default(20)
    path = tmp_path_factory.mktemp("font") / "default.ttf"
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.path, BytesIO)
    path.write_bytes(font.path.getvalue())
    return str(path)
