"""Blend networks that began with the same weights: their mean often reads better than any of them.

Fine-tuned copies of one network stay in one basin of the loss, so that a point between them is a
network too, with less of what each has learnt too well (Wortsman et al. 2022, "Model soups:
averaging weights of multiple fine-tuned models improves accuracy without increasing inference
time"). The shares are chosen on the calibration folds, one network after the other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.lines.evaluate import character_error_rate, mean_rate, read_lines
from training.lines.synthesise import Lines

logger = logging.getLogger(__name__)

#: Shares that a further network is tried with.
SHARES = (0.2, 0.35, 0.5, 0.65, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """A network between networks."""

    weights: Sequence[Any]  # arrays, in the order of the network's
    shares: tuple[float, ...]  # of each network, together 1
    error_rate: Mapping[str, float]  # CER by fold

    @property
    def mean_rate(self) -> float:
        """Geometric mean over the folds."""
        return mean_rate(self.error_rate)


def best_blend(
    networks: Sequence[Sequence[Any]], measure: Callable[[Sequence[Any]], Mapping[str, float]]
) -> Blend:
    """The best shares found by adding one network after the other to what is there.

    No fold may be read worse than by the network that was begun with: what is gained on one domain
    is not paid for by another.

    Args:
        networks: the weights of each, as `get_weights` gives them; the first is begun with.
        measure: CER by fold of a network with the given weights.
    """
    begun = best = Blend(weights=networks[0], shares=(1.0,), error_rate=measure(networks[0]))
    _say(best)
    for further in networks[1:]:
        best = Blend(weights=best.weights, shares=(*best.shares, 0.0), error_rate=best.error_rate)
        base = best
        for share in (*SHARES, 1.0):
            mixed = mix(base.weights, further, share)
            shares = (*(s * (1 - share) for s in base.shares[:-1]), share)
            tried = Blend(weights=mixed, shares=shares, error_rate=measure(mixed))
            _say(tried)
            if all(rate <= begun.error_rate[name] for name, rate in tried.error_rate.items()):
                best = min(best, tried, key=lambda blend: blend.mean_rate)
    return best


def mix(first: Sequence[Any], second: Sequence[Any], share: float) -> list[Any]:
    """Weights between two networks, `share` of the way from the first to the second.

    >>> mix([1.0], [3.0], 0.25)
    [1.5]
    """
    return [(1 - share) * a + share * b for a, b in zip(first, second, strict=True)]


def fold_measure(
    net: Any, folds: Mapping[str, Lines], fold_case: Collection[str] = ()
) -> Callable[[Sequence[Any]], dict[str, float]]:
    """CER by fold of weights put into `net`, which is changed.

    The case of the letters of folds in `fold_case` was guessed by an earlier network, which every
    other one seems worse than where it counts.
    """

    def measure(weights: Sequence[Any]) -> dict[str, float]:
        net.set_weights(weights)
        return {
            name: character_error_rate(
                read_lines(net, lines), lines.texts, fold_case=name in fold_case
            )
            for name, lines in folds.items()
        }

    return measure


def _say(blend: Blend) -> None:
    rates = ", ".join(f"{name} {rate:.2%}" for name, rate in blend.error_rate.items())
    shares = " + ".join(f"{share:.2f}" for share in blend.shares)
    logger.info("%s: %.2f %% (%s)", shares, 100 * blend.mean_rate, rates)
