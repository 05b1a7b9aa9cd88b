"""Options of the commands that train: how fast, from what, and who makes the batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from training.lines.command_options import FILE, FOLDER

if TYPE_CHECKING:
    from training.lines.batches import Batch, Source
    from training.lines.trainer import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What the options say."""

    rate: float
    bfloat16: bool
    seed: int
    columns: int
    workers: int
    share: tuple[tuple[str, float], ...]
    anew: bool
    uses: float
    fonts: Path
    words: Path
    prose: Path | None
    characters: Path | None

    @property
    def precision(self) -> Precision:
        """Of convolutions and activations."""
        return "bfloat16" if self.bfloat16 else "float32"

    def batches(self, run: Path, seen: int) -> Iterator[Batch]:
        """Batches for a run that has seen so many lines.

        With workers they are made by processes that are forked here: call this before a backend
        does its first work, which starts its threads.
        """
        from training.feeder import made_ahead
        from training.lines.run_folder import SHARES, endless_batches

        anew = self._anew(run) if self.anew else {}
        shares = {**SHARES, **dict(self.share)}
        return made_ahead(
            lambda number: endless_batches(
                run, (self.seed, seen, number), shares=shares, anew=anew, area_px=self.columns
            ),
            self.workers,
        )

    def _anew(self, run: Path) -> dict[str, Source]:
        from training.characters.config import SEED
        from training.lines.anew import composed_hand, drawn_print
        from training.lines.text import load_text_source

        prose = sorted(self.prose.glob("*.txt")) if self.prose else []
        source = load_text_source(prose, self.words)
        made: dict[str, Source] = {
            "synth": drawn_print(self.fonts, run / "fonts.json", source, self.uses)
        }
        if self.characters is not None:
            made["handprint"] = composed_hand(self.characters, SEED, source, self.uses)
        return made


def learning(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; it takes them as `how`, a Learning."""

    @wraps(command)
    def with_how(**values: Any) -> None:
        how = Learning(**{field.name: values.pop(field.name) for field in fields(Learning)})
        command(**values, how=how)

    for option in reversed(_OPTIONS):
        with_how = option(with_how)
    return with_how


def _shares(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    try:
        return tuple((v.partition("=")[0], float(v.partition("=")[2])) for v in values)
    except ValueError:
        raise click.BadParameter("give NAME=NUMBER, as in receipts=0.3") from None


_OPTIONS = (
    click.option("--rate", type=float, default=1.5e-3, show_default=True, help="of the trunk"),
    click.option("--bfloat16", is_flag=True, help="a quarter faster where the processor has it"),
    click.option("--seed", type=int, default=0, show_default=True),
    click.option("--columns", default=14_336, show_default=True, help="of pixels in a batch"),
    click.option("--workers", default=0, show_default=True, help="processes that make batches"),
    click.option("--share", multiple=True, callback=_shares, help="how often, as receipts=0.3"),
    click.option("--anew", is_flag=True, help="draw while training runs; no shards are read"),
    click.option("--uses", default=2.0, show_default=True, help="of a line that is drawn anew"),
    click.option("--fonts", type=FOLDER, default=Path("/usr/share/fonts"), show_default=True),
    click.option("--words", type=FOLDER, default=Path("/usr/share/dict"), show_default=True),
    click.option("--prose", type=FOLDER, help="folder of .txt files to take running text from"),
    click.option("--characters", type=FILE, help="hand-printed ones to compose lines from anew"),
)
