from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import pytest
from PIL import Image

from tests.cli_runner import Ocrq, make_ocrq
from tests.drawing import make_page

ENGINE = "tests.engines.fake:make_engine"
STAGES = ["input", "cleaned", "mask", "straight", "regions", "lines", "characters"]


@pytest.fixture
def ocrq(tmp_path: Path) -> Ocrq:
    return make_ocrq(tmp_path)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    pages = [Image.fromarray(make_page(text)) for text in ("one line", "two\nlines here")]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:], dpi=(150, 150))
    return tmp_path / "scan.tif"


def test_a_page_is_measured_without_pictures(ocrq: Ocrq, scan: Path) -> None:
    found = ocrq("inspect", str(scan), "--engine", ENGINE)
    assert found.exit_code == 0, found.output
    for word in ("1 of", "750 x 450 px, 150 dpi", "1 lines", "x-height", "flags       none"):
        assert word in found.stdout
    assert sorted(p.name for p in scan.parent.glob("*stages*")) == []
    told = json.loads(
        ocrq("inspect", str(scan), "--page", "2", "--engine", ENGINE, "--json").stdout
    )
    assert (told["number"], told["lines"], told["pictures"]) == (2, 2, [])
    assert told["options"]["engine"] == ENGINE
    assert told["quality"]["flags"] == []


def test_every_stage_is_a_picture(ocrq: Ocrq, scan: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pictures"
    found = ocrq(
        "inspect", str(scan), "--engine", ENGINE, "--stages", "-o", str(folder), "--size", "300"
    )
    assert found.exit_code == 0, found.output
    names = [f"{k}-{name}.png" for k, name in enumerate(STAGES, 1)]
    assert sorted(p.name for p in folder.iterdir()) == names
    for name in names:
        picture = cv2.imread(str(folder / name))
        assert picture is not None
        assert max(picture.shape) == 300
        assert name in found.stdout


def test_a_page_of_the_database_is_read_as_its_batch_asks(ocrq: Ocrq, scan: Path) -> None:
    assert ocrq("submit", str(scan), "--engine", ENGINE, "--no-deskew").exit_code == 0
    told = json.loads(ocrq("inspect", "2", "--json", "--no-clean").stdout)
    assert (told["number"], told["lines"]) == (2, 2)
    assert told["options"]["deskew"] is False
    assert told["options"]["clean"] is False
    assert ocrq("inspect", "2", "--page", "1").exit_code == 2
    assert "id 9" in ocrq("inspect", "9").stderr


def test_wrong_uses_say_what_is_wrong(ocrq: Ocrq, scan: Path, tmp_path: Path) -> None:
    missing = ocrq("inspect", str(tmp_path / "none.tif"))
    assert (missing.exit_code, "no such file" in missing.stderr) == (2, True)
    folder = ocrq("inspect", str(tmp_path))
    assert (folder.exit_code, "it is a folder" in folder.stderr) == (2, True)
    os.mkfifo(tmp_path / "pipe")
    pipe = ocrq("inspect", str(tmp_path / "pipe"))
    assert (pipe.exit_code, "no ordinary file" in pipe.stderr) == (2, True)
    beyond = ocrq("inspect", str(scan), "--page", "3", "--engine", ENGINE)
    assert beyond.exit_code == 65
    assert ocrq("inspect", str(scan), "--engine", ENGINE, "-o", "x").exit_code == 2
    (tmp_path / "file").write_text("")
    blocked = ocrq(
        "inspect", str(scan), "--engine", ENGINE, "--stages", "-o", str(tmp_path / "file" / "x")
    )
    assert (blocked.exit_code, "cannot be made" in blocked.stderr) == (2, True)
