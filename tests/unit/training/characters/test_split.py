from __future__ import annotations

import cv2
import numpy as np

from tests.unit.training.character_files import draw_characters
from training.characters.charset import CharacterSet
from training.characters.split import cluster_near_duplicates, describe, split_by_cluster


def random_strokes(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pictures = np.zeros((count, 28, 28), dtype=np.uint8)
    for picture in pictures:
        points = rng.integers(3, 25, (5, 1, 2)).astype(np.int32)
        cv2.polylines(picture, [points], False, 255, 2)
    return pictures


def with_twins(count: int = 60, seed: int = 1) -> CharacterSet:
    """Each picture twice, the second time shifted and a little noisy; labels A and B."""
    rng = np.random.default_rng(seed)
    originals = random_strokes(count, seed)
    copies = np.roll(originals, 2, axis=2).astype(int) + rng.integers(0, 12, originals.shape)
    pictures = np.concatenate([originals, np.clip(copies, 0, 255).astype(np.uint8)])
    return CharacterSet.from_raw(pictures, "AB" * count)  # count is even: twins share labels


def test_near_duplicates_share_a_cluster() -> None:
    clusters = cluster_near_duplicates(with_twins(), 400)
    assert np.array_equal(clusters[:60], clusters[60:])
    assert len(np.unique(clusters)) > 50


def test_no_near_duplicate_straddles_the_split() -> None:
    characters = with_twins(200)
    split = split_by_cluster(characters, seed=3, held_out_share=0.2, calibration_share=0.1)
    sides = (split.train, split.calibration, split.held_out)
    assert sorted(np.concatenate(sides).tolist()) == list(range(400))
    small = describe(characters.images)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        a, b = small[sides[one]], small[sides[other]]
        distances = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        same = characters.labels[sides[one]][:, None] == characters.labels[sides[other]][None]
        assert distances[same].min() > 400


def test_each_class_gets_its_share() -> None:
    characters = CharacterSet.from_raw(random_strokes(1000, 5), "A" * 700 + "b" * 300)
    split = split_by_cluster(characters, seed=1, held_out_share=0.1, calibration_share=0.05)
    held_out = np.bincount(characters.labels[split.held_out])
    assert 70 <= held_out[10] <= 80
    assert 30 <= held_out[37] <= 40
    assert 0.04 < len(split.calibration) / 1000 < 0.07


def test_the_seed_decides() -> None:
    characters = with_twins()
    assert split_by_cluster(characters, seed=1).fingerprint() == (
        split_by_cluster(characters, seed=1).fingerprint()
    )
    assert split_by_cluster(characters, seed=1).fingerprint() != (
        split_by_cluster(characters, seed=2).fingerprint()
    )


def test_a_cluster_that_swallows_a_way_of_writing_falls_apart() -> None:
    # Bare strokes: a chain in which each is nearly like the next.
    strokes = np.zeros((500, 28, 28), dtype=np.uint8)
    for i, stroke in enumerate(strokes):
        cv2.line(stroke, (14 - i // 100, 4), (14 + i // 100, 24), 255, 2 + i % 2)
    noise = np.random.default_rng(0).integers(0, 60, strokes.shape)
    strokes = np.clip(strokes.astype(int) - noise, 0, 255).astype(np.uint8)
    clusters = cluster_near_duplicates(CharacterSet.from_raw(strokes, "1" * 500), 400)
    assert np.bincount(clusters).max() <= 200


def test_labels_that_are_drawn_alike_share_clusters() -> None:
    pictures = np.concatenate([draw_characters("O"), draw_characters("O")])
    clusters = cluster_near_duplicates(CharacterSet.from_raw(pictures, "0O"), 400)
    assert clusters[0] == clusters[1]
