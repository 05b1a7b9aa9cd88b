"""Everything that decides how a training run goes; stored with the run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from ocrq.errors import UsageError

#: Of the split by clusters, too: what is held out stays held out.
SEED = 20261120


class Network(StrEnum):
    """Which graph is trained."""

    SMALL = "small"  # six residual blocks, the fastest
    MEDIUM = "medium"  # the same with eight blocks; what ships
    REFERENCE = "reference"  # the yardstick: pre-activation bottlenecks, many times slower
    PLAIN = "plain"  # a yardstick: the usual CNN of 138,000 parameters (at 36 classes)
    MNIST = "mnist"  # a yardstick: the usual CNN for MNIST's digits; train it with only="digits"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """One run. A run is as long as `budget_s` of time or, when given, `steps` batches.

    The same seed, data and `steps` give the same weights on the same machine; a budget in seconds
    makes the length depend on the machine's speed, and the learning rate follows it.
    """

    characters: tuple[Path, ...]  # files of hand-printed characters: training.characters.formats
    run_dir: Path  # checkpoints, log, report; a run found there is continued
    fonts: tuple[Path, ...] = (Path("/usr/share/fonts"), Path("/usr/share/texmf/fonts"))
    network: Network = Network.SMALL
    start: Path | None = None  # a model.keras to begin from: this network, or small for medium
    budget_s: float = 2400.0  # of processor time, over all starts of the run
    only: str = "ascii"  # a class set: characters of no other are shown, printed or by hand
    steps: int | None = None
    batch: int = 128
    handprint_share: float = 0.52  # of a batch; the rest is print and rejects
    reject_share: float = 0.09
    learning_rate: float = 0.1  # highest
    class_weight_power: float = 0.15  # 0: all alike, 1: a class's weight is 1 / its count
    seed: int = SEED
    checkpoint_s: float = 120.0
    checkpoint_steps: int | None = None  # instead of by time
    report_prints: int = 8000  # printed characters that the report is about
    threads: int = 1
    workers: int = 0  # processes that make batches, for a GPU; time is then taken by the clock
    name: str = "resnet"  # of the model that the run makes
    version: str = "1"

    def __post_init__(self) -> None:
        if not self.characters:
            raise UsageError("name at least one file of characters to train on")
        if not (0 < self.handprint_share < 1 and 0 <= self.reject_share < 1):
            raise UsageError("the shares of a batch must lie between 0 and 1")
        if self.handprint_share + self.reject_share >= 1:
            raise UsageError("handprint and rejects leave no room for print")
        if self.budget_s <= 0 or (self.steps is not None and self.steps < 1):
            raise UsageError("a run needs a budget above zero")
        if self.batch < 8:
            raise UsageError(f"a batch of {self.batch} is too small; give 8 or more")

    def to_json(self) -> str:
        """Indented JSON with paths as text."""
        return json.dumps(asdict(self), indent=2, default=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a run tells whoever watches it."""

    stage: str  # "data", "train", "calibrate", "export", "report"
    fraction: float  # 0..1 of the stage
    step: int = 0  # of "data": of the checkpoint that the run goes on from, 0 for a new one
    loss: float | None = None  # mean since the last checkpoint
    accuracy: float | None = None  # on training batches, likewise
