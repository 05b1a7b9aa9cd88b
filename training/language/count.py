"""From texts to n-grams with back-off: weighted counts, absolute discounting, pruning.

Ney, Essen and Kneser (1994): every count loses a discount, and what all followers of a context lose
goes to the distribution of the context one shorter. Rare n-grams are left out after that; what they
had goes the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.language.ngrams import BITS, STEP, Codes, Floats, Keys, NGrams, Order

#: N-grams of lengths 1, 2, ... are kept from these (weighted) counts on.
LEAST_COUNTS: Final = (0.0, 2.0, 3.0, 5.0, 8.0, 10.0)
#: What each count loses.
_DISCOUNTS: Final = (0.0, 0.6, 0.7, 0.75, 0.8, 0.8)
_AT_ONCE: Final = 500_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """How often each n-gram of one length was seen."""

    keys: Keys  # (N,) ascending
    counts: Floats  # (N,)


def count(texts: Iterable[tuple[Codes, float]], length: int) -> Counts:
    """N-grams of one length, without those that hold an unknown character.

    Args:
        texts: codes, each with a weight for its n-grams.
        length: of the n-grams, at most 8.
    """
    keys, counts = [], []
    for codes, weight in texts:
        size = len(codes) - length + 1
        if size < 1:
            continue
        packed = np.zeros(size, np.uint64)
        is_known = np.ones(size, np.bool_)
        for k in range(length):
            part = codes[k : k + size]
            packed = (packed << BITS) | part
            is_known &= part > 0
        found, times = np.unique(packed[is_known], return_counts=True)
        keys.append(found)
        counts.append(times * weight)
    if not keys:
        return Counts(keys=np.zeros(0, np.uint64), counts=np.zeros(0))
    found, where = np.unique(np.concatenate(keys), return_inverse=True)
    weights = np.bincount(where, weights=np.concatenate(counts))
    return Counts(keys=found, counts=weights.astype(np.float64))


def fit_ngrams(
    texts: Sequence[tuple[Codes, float]], least_counts: Sequence[float] = LEAST_COUNTS
) -> NGrams:
    """N-grams of all lengths up to that of `least_counts`.

    Args:
        texts: codes, each with a weight.
        least_counts: for lengths 1, 2, ...: from which count on an n-gram is kept.
    """
    counted = [count(texts, n + 1) for n in range(len(least_counts))]
    orders = [_single(counted[0])]
    for n in range(1, len(counted)):
        orders[-1], longer = _one_longer(orders, counted[n], least_counts[n], _DISCOUNTS[n])
        orders.append(longer)
    return NGrams(orders=tuple(orders))


def _single(counted: Counts) -> Order:
    p = counted.counts / counted.counts.sum()
    return Order(keys=counted.keys, log_p=_stored(np.log(p)), back_off=np.zeros(len(p), np.uint8))


def _one_longer(
    orders: Sequence[Order], counted: Counts, least: float, discount: float
) -> tuple[Order, Order]:
    """The last of `orders` with its back-off weights, and the next."""
    contexts, first = np.unique(counted.keys >> BITS, return_index=True)
    totals = np.add.reduceat(counted.counts, first)
    shorter = orders[-1]
    context = np.searchsorted(contexts, counted.keys >> BITS)
    place, is_known = _places(shorter.keys, contexts)
    kept = (counted.counts >= least) & is_known[context]
    keys, counts, context = counted.keys[kept], counted.counts[kept], context[kept]
    p = (counts - discount * np.minimum(1.0, counts)) / totals[context]
    left = 1.0 - np.bincount(context, weights=p, minlength=len(contexts))
    back_off = np.zeros(len(shorter.keys), np.uint8)
    has_followers = np.bincount(context, minlength=len(contexts)) > 0
    back_off[place[has_followers]] = _stored(np.log(np.maximum(left[has_followers], 1e-5)))
    with_back_off = Order(keys=shorter.keys, log_p=shorter.log_p, back_off=back_off)
    # Interpolated: what the context gives away comes back by the shorter one.
    by_shorter = _probability([*orders[:-1], with_back_off], keys)
    log_p = np.log(p + np.maximum(left[context], 0.0) * by_shorter)
    longer = Order(keys=keys, log_p=_stored(log_p), back_off=np.zeros(len(keys), np.uint8))
    return with_back_off, longer


def _probability(orders: Sequence[Order], keys: Keys) -> Floats:
    """(N,) of the last character of each key, after the characters of its last len(orders) - 1."""
    length = len(orders)
    shifts = BITS * np.arange(length - 1, -1, -1, dtype=np.uint64)
    grams = NGrams(orders=tuple(orders))
    log_p = np.empty(len(keys))
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        codes = (part[:, None] >> shifts).astype(np.uint8).ravel()
        lengths = np.full(len(part), length)
        log_p[start : start + _AT_ONCE] = grams.log_probability(codes, lengths, lengths - 1)
    return np.exp(log_p)


def _places(keys: Keys, wanted: Keys) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted


def _stored(log_p: Floats) -> npt.NDArray[np.uint8]:
    return np.clip(np.round(-log_p / STEP), 0, 255).astype(np.uint8)
