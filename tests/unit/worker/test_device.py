from __future__ import annotations

from pathlib import Path

import pytest

from ocrq.errors import ConfigError
from worker.device import choose_device


def test_auto_takes_a_gpu_when_there_is_one(tmp_path: Path) -> None:
    assert choose_device("auto", {}, tmp_path) == "cpu"
    (tmp_path / "nvidia0").touch()
    assert choose_device("auto", {}, tmp_path) == "gpu"
    assert choose_device("cpu", {}, tmp_path) == "cpu"
    assert choose_device("auto", {"CUDA_VISIBLE_DEVICES": ""}, tmp_path) == "cpu"


def test_a_gpu_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nvidia0"):
        choose_device("gpu", {}, tmp_path)
    (tmp_path / "nvidia0").touch()
    with pytest.raises(ConfigError, match="CUDA_VISIBLE_DEVICES"):
        choose_device("gpu", {"CUDA_VISIBLE_DEVICES": "-1"}, tmp_path)
