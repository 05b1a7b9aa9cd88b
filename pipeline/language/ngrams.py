"""How likely a character is after the five before it: n-grams with back-off.

The probability of a character is that of the longest n-gram known to end with it; where a longer
context is known but not with this character, that context's back-off weight comes off (Katz 1987,
as in the ARPA files; counted and smoothed by training/language). An n-gram is one number, eight
bits a character.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]  # 0: a character that is not known
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Lengths = npt.NDArray[np.int64]

BITS = np.uint64(8)
#: Logarithms are stored as whole numbers of this, downwards from 0.
STEP = 1 / 12
#: Of a character that was never seen.
UNKNOWN = -12.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """All n-grams of one length."""

    keys: Keys  # (N,) ascending
    log_p: npt.NDArray[np.uint8]  # (N,) of the last character after the others, in -STEP
    back_off: npt.NDArray[np.uint8]  # (N,) for characters that do not follow, in -STEP


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NGrams:
    """N-grams of lengths 1, 2, ...; those of length n begin with one of length n - 1."""

    orders: tuple[Order, ...]

    def log_probability(
        self, codes: Codes, lengths: Lengths, skip: Lengths, least: Floats | None = None
    ) -> Floats:
        """(N,) natural logarithm of each text's probability, without its first characters.

        Args:
            codes: of all texts, one behind the other.
            lengths: (N,) of the texts, at least 1.
            skip: (N,) how many characters of each are only what comes before; at least one.
            least: (256,) by code, what a character's own logarithm is raised to.
        """
        bounds = np.cumsum(lengths)
        firsts = bounds - lengths
        place = np.arange(len(codes)) - np.repeat(firsts, lengths)
        # Most texts of a page are those of a few places with one character exchanged: each context
        # is looked up once.
        keys = self._with_contexts(codes, place)
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        log_p = self._of_each(codes[first], place[first], which[first - 1])[which]
        if least is not None:
            log_p = np.maximum(log_p, least[codes])
        log_p[place < np.repeat(skip, lengths)] = 0.0
        sums = np.concatenate(([0.0], np.cumsum(log_p)))
        return np.asarray(sums[bounds] - sums[firsts], np.float64)

    def _with_contexts(self, codes: Codes, place: Lengths) -> Keys:
        """(F,) of each character and those before it that count, and how many those are."""
        longest = len(self.orders) - 1
        keys = codes.astype(np.uint64)
        for n in range(1, longest + 1):
            before = codes[:-n].astype(np.uint64) << (BITS * np.uint64(n))
            keys[n:] |= np.where(place[n:] >= n, before, np.uint64(0))
        counted = np.minimum(place, longest).astype(np.uint64)
        return keys | (counted << (BITS * np.uint64(longest + 1)))

    def _of_each(self, codes: Codes, place: Lengths, previous: Lengths) -> Floats:
        """(U,) of each character after those before it in its text.

        Args:
            codes: (U,) of the characters.
            place: (U,) in their texts.
            previous: (U,) which of these stands before each, of those that are not their text's
                first.
        """
        order = self.orders[0]
        keys = codes.astype(np.uint64)
        at, is_known = _find(order, keys)
        log_p = np.where(is_known, order.log_p[at] * -STEP, UNKNOWN)
        #: Characters whose n-gram so far is known: only those may be known one longer.
        is_active = is_known
        before = order
        was = np.where(is_known, at, -1)
        nth = previous
        for n, order in enumerate(self.orders[1:], start=1):
            # The context is the n-gram one shorter that ends at the place before.
            places = np.flatnonzero(place >= n)
            context = was[previous[places]]
            places, context = places[context >= 0], context[context >= 0]
            keys |= codes[nth].astype(np.uint64) << (BITS * np.uint64(n))
            nth = previous[nth]
            log_p[places] -= before.back_off[context] * STEP
            tried = places[is_active[places]]
            at, is_known = _find(order, keys[tried])
            found = tried[is_known]
            log_p[found] = order.log_p[at[is_known]] * -STEP
            was = np.full(len(codes), -1)
            was[found] = at[is_known]
            is_active = was >= 0
            before = order
        return log_p


def _find(order: Order, keys: Keys) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where each key stands, and whether it does."""
    if len(order.keys) == 0:  # texts of one character have no longer n-grams
        return np.zeros(len(keys), np.intp), np.zeros(len(keys), np.bool_)
    at = np.minimum(np.searchsorted(order.keys, keys), len(order.keys) - 1)
    return at, order.keys[at] == keys
