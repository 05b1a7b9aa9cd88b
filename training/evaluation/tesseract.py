"""The `tesseract` binary: asked for one page at a time, on one thread, its time taken."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ocrq.errors import UsageError
from training.evaluation.run_engines import core_seconds

_SLOWEST_S: Final = 600
#: Its last line says only that it could not begin; those before it say why.
_WHY_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TesseractPage:
    """What it made of one scan."""

    text: str | None  # None: it failed
    core_s: float  # processor seconds, its start counted in
    why: str = ""  # it failed, in its own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tesseract:
    """The binary and how it is asked."""

    binary: Path
    language: str = "eng"
    segmentation: int = 3

    def version(self) -> str:
        """Its first line of `--version`.

        Raises:
            UsageError: it cannot be run.
        """
        try:
            done = subprocess.run(
                [self.binary, "--version"], capture_output=True, timeout=60, check=True
            )
        except (OSError, subprocess.SubprocessError) as exc:
            raise UsageError(f"{self.binary}: cannot be run: {exc}") from exc
        lines = (done.stdout or done.stderr).decode("utf-8", "replace").splitlines()
        return lines[0].strip() if lines else self.binary.name

    def read(self, path: Path) -> TesseractPage:
        """The text of a scan and the processor seconds that it took."""
        command = [
            str(self.binary), str(path), "stdout",
            "-l", self.language, "--psm", str(self.segmentation),
        ]  # fmt: skip
        before_s = core_seconds()
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=_SLOWEST_S,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
                check=False,
            )
        except subprocess.TimeoutExpired:
            why = f"it took more than {_SLOWEST_S} s"
            return TesseractPage(text=None, core_s=core_seconds() - before_s, why=why)
        core_s = core_seconds() - before_s
        if done.returncode == 0:
            return TesseractPage(text=done.stdout.decode("utf-8", "replace"), core_s=core_s)
        said = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines()]
        said = [line for line in said if line][-_WHY_LINES:]
        return TesseractPage(
            text=None, core_s=core_s, why=" / ".join(said) or f"exit code {done.returncode}"
        )

    def start_s(self, folder: Path) -> float:
        """Processor seconds on a white picture, the least of three."""
        blank = folder / "blank.png"
        cv2.imwrite(str(blank), np.full((64, 64), 255, np.uint8))
        return min(self.read(blank).core_s for _ in range(3))
