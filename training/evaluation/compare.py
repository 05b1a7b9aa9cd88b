"""Two readings of the same set, compared document by document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.text_score import RATES, Bounds, PageScore, middle_95, resampled_rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A rate of the first reading minus that of the second, 0..1, with its 95 % interval.

    The interval is None for fewer than two documents: what holds for others isn't known then.
    """

    rate: str  # name in training.text_score.RATES
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None

    @property
    def is_certain(self) -> bool:
        """There is an interval, and it leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def compare(
    first: Sequence[PageScore], second: Sequence[PageScore], seed: int = 0
) -> tuple[Difference, ...]:
    """Paired bootstrap: every resample takes the same documents of both readings.

    Args:
        first: pages of one reading.
        second: the same pages of the other, in the same order.
        seed: of the resampling.
    """
    if [page.name for page in first] != [page.name for page in second]:
        raise ValueError("the two readings are not of the same pages")
    ours, theirs = resampled_rates(first, seed), resampled_rates(second, seed)
    found = []
    for name, rate in RATES.items():
        a, b = rate(first), rate(second)
        bounds: Bounds = (None, None)
        if ours is not None and theirs is not None:
            bounds = middle_95(ours[name] - theirs[name])
        found.append(
            Difference(
                rate=name, first=a, second=b, difference=a - b, low=bounds[0], high=bounds[1]
            )
        )
    return tuple(found)
