from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from tests.drawing import built_in_font, make_page
from training.orientation.__main__ import main
from training.orientation.fit import Layers, fit, right_share
from training.orientation.gather import drawn_pages, windows_of

TEXT = "\n".join(["Some lines of plain text,", "with Capitals, 17 digits & more."] * 6)


def test_some_epochs_tell_upright_letters() -> None:
    rng = random.Random(1)
    page = make_page(TEXT, dpi=150, size_in=(6.0, 5.0))
    windows = np.concatenate([windows_of(page, rng, 300) for _ in range(4)])
    layers = fit(windows, units=16, epochs=25, seed=1)
    assert right_share(layers, windows) > 0.8


def test_gradients_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(3)
    layers = Layers(
        hidden=rng.normal(size=(6, 4)).astype(np.float32),
        bias=rng.normal(size=4).astype(np.float32),
        output=rng.normal(size=4).astype(np.float32),
    )
    views = rng.random((5, 4, 6)).astype(np.float32)
    (_, bias, output), loss = layers.gradients(views)
    for part, slopes in ((layers.bias, bias), (layers.output, output)):
        part[1] += 1e-3
        assert (layers.gradients(views)[1] - loss) / 1e-3 == pytest.approx(slopes[1], abs=0.02)
        part[1] -= 1e-3


def test_a_file_that_is_no_font_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(b"no font")
    assert list(drawn_pages([path], ["text"], random.Random(1))) == []


def test_the_command_writes_weights_that_orient_reads(tmp_path: Path) -> None:
    archive, output = tmp_path / "lines.zip", tmp_path / "weights.npz"
    with zipfile.ZipFile(archive, "w") as lines:
        for k in range(20):
            image = io.BytesIO()
            line = make_page(f"Line {k} of the archive", dpi=150, size_in=(4.0, 0.4), margin_in=0.1)
            Image.fromarray(line).save(image, "PNG")
            lines.writestr(f"{k:02}.png", image.getvalue())
        lines.writestr("labels.tsv", "00.png\tLine 0 of the archive\n")
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "built-in.ttf").write_bytes(built_in_font(20).font_bytes)
    arguments = ["--lines", str(archive), "--fonts", str(fonts), "--output", str(output)]
    result = CliRunner().invoke(
        main, [*arguments, "--stacks", "8", "--units", "4", "--epochs", "1"]
    )
    assert result.exit_code == 0, result.output
    with np.load(output, allow_pickle=False) as arrays:
        assert arrays["hidden"].shape == (2 * 24 * 24, 4)
        assert arrays["bias"].shape == arrays["output"].shape == (4,)
