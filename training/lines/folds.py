"""Which real documents are kept back for calibration: whole documents, whole stores."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

#: A store's heading is looked for in so many lines at the top of its receipts.
_HEAD_LINES = 4
_LEAST_CHARS = 8
#: A chain with more receipts than this stays in training: it would be the whole fold.
_LARGEST_STORE = 8


def receipts_by_store(texts: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Groups of receipts that share a line of their heads, letter for letter: one store each.

    Args:
        texts: the lines of each receipt, from the top.

    >>> receipts_by_store({"1": ["SUPER SHOP LTD"], "2": ["Super Shop Ltd."], "3": ["OTHER SHOP"]})
    [('1', '2'), ('3',)]
    """
    store: dict[str, int] = {}
    heading: dict[str, int] = {}
    for number, (name, lines) in enumerate(texts.items()):
        keys = [re.sub(r"[^a-z0-9]", "", line.lower()) for line in lines[:_HEAD_LINES]]
        keys = [key for key in keys if len(key) >= _LEAST_CHARS]
        met = {heading[key] for key in keys if key in heading}
        for other, group in store.items():
            if group in met:
                store[other] = number
        for key, group in heading.items():
            if group in met:
                heading[key] = number
        store[name] = number
        heading |= dict.fromkeys(keys, number)
    groups: dict[int, list[str]] = {}
    for name, group in store.items():
        groups.setdefault(group, []).append(name)
    return [tuple(names) for names in groups.values()]


def hold_out(groups: Sequence[tuple[str, ...]], count: int, seed: int = 0) -> frozenset[str]:
    """About `count` documents, whole groups drawn by chance, none of the largest groups.

    >>> sorted(hold_out([("a", "b"), ("c",)], 3))
    ['a', 'b', 'c']
    """
    chosen: list[str] = []
    small = [group for group in groups if len(group) <= _LARGEST_STORE]
    for group in random.Random(seed).sample(small, len(small)):
        if len(chosen) < count:
            chosen += group
    return frozenset(chosen)


def document_of(file_name: str) -> str:
    """The document of a line crop: its file name without the numbers of page and line.

    >>> document_of("czech_BF-19380311b_CZ_01_000.jpg"), document_of("001_017.jpg")
    ('czech_BF-19380311b_CZ', '001')
    """
    stem = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    parts = stem.split("_")
    while len(parts) > 1 and parts[-1].isdigit():
        parts.pop()
    return "_".join(parts)
