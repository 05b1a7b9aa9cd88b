"""CPU or GPU: a property of the worker, decided once when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ocrq.errors import ConfigError
from worker.options import Device


def choose_device(
    wanted: Device, env: Mapping[str, str], dev: Path = Path("/dev")
) -> Literal["cpu", "gpu"]:
    """What a worker recognises with.

    Asks the driver's files, not TensorFlow: a process that has touched a GPU cannot fork.

    Args:
        wanted: "auto" takes a GPU when there is one.
        env: `CUDA_VISIBLE_DEVICES` empty or -1 hides the GPUs.
        dev: where device files are.

    Raises:
        ConfigError: a GPU is wanted and there is none.
    """
    if wanted == "cpu":
        return "cpu"
    hidden = env.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1")
    if not hidden and any(dev.glob("nvidia[0-9]*")):
        return "gpu"
    if wanted == "gpu":
        reason = "CUDA_VISIBLE_DEVICES hides it" if hidden else f"there is no {dev}/nvidia0"
        raise ConfigError(f"--device gpu: no GPU is usable here ({reason}); use --device cpu")
    return "cpu"


def gpu_environment(device: Literal["cpu", "gpu"], index: int, env: Mapping[str, str]) -> str:
    """The `CUDA_VISIBLE_DEVICES` of one page child: one GPU each, of those this worker may see.

    >>> gpu_environment("gpu", 1, {"CUDA_VISIBLE_DEVICES": "4,6"}), gpu_environment("gpu", 0, {})
    ('6', '0')
    >>> gpu_environment("cpu", 0, {})
    '-1'
    """
    if device == "cpu":
        return "-1"
    visible = [name for name in env.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    return visible[index % len(visible)] if visible else str(index)
