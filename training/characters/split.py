"""A split that keeps near-duplicates together.

Public hand-printed sets have no writer ids, and one NIST glyph may be in them twice, prepared
differently. Images of one writer resemble each other, so pictures that are nearly alike form
clusters (single linkage) and a cluster goes wholly to one side: no picture that is tested has a
near-duplicate that was trained on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.charset import CharacterSet

#: Characters drawn alike share clusters: the same glyph may carry either label.
_SHAPE_GROUPS: Final = ("0Oo", "1Iil", "5Ss", "2Zz", "9gq", "6b")
_LARGEST_CLUSTER: Final = 200
_CHUNK: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Rows of a CharacterSet, disjoint, each sorted."""

    train: npt.NDArray[np.int64]
    calibration: npt.NDArray[np.int64]  # fits the temperature, watches the training
    held_out: npt.NDArray[np.int64]  # only ever reported on

    def fingerprint(self) -> str:
        """Sixteen hex digits: equal for equal splits."""
        digest = hashlib.sha256()
        for rows in (self.train, self.calibration, self.held_out):
            digest.update(np.asarray(rows, dtype="<i8").tobytes() + b"|")
        return digest.hexdigest()[:16]


def split_by_cluster(
    characters: CharacterSet,
    *,
    seed: int,
    held_out_share: float = 0.1,
    calibration_share: float = 0.05,
    max_distance: int = 400,
) -> Split:
    """Deal whole clusters of near-duplicates to the three sides, class by class.

    Args:
        characters: the pictures.
        seed: of the dealing.
        held_out_share: of each class, at least; the cluster that crosses the mark stays there.
        calibration_share: likewise.
        max_distance: what counts as nearly alike: see cluster_near_duplicates.
    """
    clusters = cluster_near_duplicates(characters, max_distance)
    side = np.zeros(len(characters), dtype=np.int8)  # 0 train, 1 calibration, 2 held out
    rng = np.random.default_rng(seed)
    counts = np.bincount(clusters)
    first_label = np.full(len(counts), -1, dtype=np.int64)
    first_label[clusters[::-1]] = characters.labels[::-1]
    for label in np.unique(characters.labels):
        total = int((characters.labels == label).sum())
        ids = np.flatnonzero(first_label == label)
        ids = rng.permutation(ids)
        filled = np.cumsum(counts[ids])
        before = filled - counts[ids]
        wanted = held_out_share * total, (held_out_share + calibration_share) * total
        held = ids[before < wanted[0]]
        calibration = ids[(before >= wanted[0]) & (before < wanted[1])]
        side[np.isin(clusters, calibration)] = 1
        side[np.isin(clusters, held)] = 2
    return Split(
        train=np.flatnonzero(side == 0),
        calibration=np.flatnonzero(side == 1),
        held_out=np.flatnonzero(side == 2),
    )


def cluster_near_duplicates(characters: CharacterSet, max_distance: int) -> npt.NDArray[np.int64]:
    """Number of each picture's cluster, (N,).

    Two pictures of a class (or of classes drawn alike) belong together when the squared distance
    of their 16x16 copies in 16 levels is at most `max_distance` (a character has a squared length
    of some 6,000). Bare strokes are all alike and would grow into one cluster, so a cluster of
    more than 200 is linked again at half the distance, until it falls apart. The copies are whole
    numbers small enough that float32 products are exact: the split does not depend on the machine.
    """
    small = describe(characters.images)
    numbers = np.zeros(len(small), dtype=np.int64)
    count = 0
    waiting = [(rows, max_distance) for rows in _shape_groups(characters.labels)]
    while waiting:
        rows, distance = waiting.pop()
        linked = _link(small[rows], distance)
        sizes = np.bincount(linked)
        is_final = (sizes <= _LARGEST_CLUSTER) | (distance == 0)
        final = is_final[linked]
        ranks = np.cumsum(is_final) - 1
        numbers[rows[final]] = count + ranks[linked[final]]
        count += int(is_final.sum())
        waiting += [(rows[linked == i], distance // 2) for i in np.flatnonzero(~is_final)]
    return numbers


def _link(small: npt.NDArray[np.float32], max_distance: int) -> npt.NDArray[np.int64]:
    """Single linkage: number of each row's cluster, from 0."""
    squared = (small * small).sum(axis=1)
    parent = np.arange(len(small))
    for start in range(0, len(small), _CHUNK):
        part = slice(start, start + _CHUNK)
        # Only pairs with a later partner: the relation is symmetric.
        products = small[part] @ small[start:].T
        distance = squared[part, None] + squared[None, start:] - 2 * products
        left, right = np.nonzero(distance <= max_distance)
        for a, b in zip((start + left).tolist(), (start + right).tolist(), strict=True):
            _join(parent, a, b)
    roots = np.array([_root(parent, i) for i in range(len(parent))])
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


def describe(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(N, 256) whole numbers 0..15: means of 2x2 pixels in 16 levels."""
    blocks = images.reshape(len(images), 16, 2, 16, 2).astype(np.int64).sum(axis=(2, 4))
    levels: npt.NDArray[np.float32] = (blocks // 64).reshape(len(images), 256).astype(np.float32)
    return levels


def _shape_groups(labels: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    group_of = np.arange(len(ASCII_CLASSES) + 1)
    for index, char in enumerate(ASCII_CLASSES):
        if char.isalpha():
            group_of[index] = ASCII_CLASSES.index(char.upper())
    for group in _SHAPE_GROUPS:
        numbers = [group_of[ASCII_CLASSES.index(c)] for c in group]
        group_of[np.isin(group_of, numbers)] = min(numbers)
    return [np.flatnonzero(group_of[labels] == g) for g in np.unique(group_of[labels])]


def _root(parent: npt.NDArray[np.int64], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = int(parent[i])
    return i


def _join(parent: npt.NDArray[np.int64], a: int, b: int) -> None:
    root_a, root_b = _root(parent, a), _root(parent, b)
    parent[max(root_a, root_b)] = min(root_a, root_b)
