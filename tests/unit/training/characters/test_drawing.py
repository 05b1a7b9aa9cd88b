"""Augmentation, print, negatives and the batches made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrq.errors import UsageError
from pipeline.nets.vocabulary import ASCII_CLASSES
from tests.unit.training.character_files import copy_fonts, draw_characters
from training.characters.augment import Augmentation, augment
from training.characters.batches import BatchMaker, class_weights
from training.characters.charset import REJECT, CharacterSet
from training.characters.print_glyphs import Wear, class_shares, draw_print
from training.characters.rejects import RejectKind, draw_rejects
from training.fonts import FontFace, draw_face, find_fonts, load_faces, split_faces


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> list[FontFace]:
    return load_faces(find_fonts([copy_fonts(tmp_path_factory.mktemp("fonts"))]))


@pytest.fixture(scope="module")
def handprint() -> CharacterSet:
    text = "ABCxyz0123" * 5
    return CharacterSet.from_raw(draw_characters(text), text)


def batches(handprint: CharacterSet, faces: list[FontFace], seed: int = 1) -> BatchMaker:
    return BatchMaker(
        handprint=handprint,
        faces=faces,
        size=32,
        handprint_share=0.5,
        reject_share=0.125,
        seed=seed,
        class_weights=class_weights(handprint.labels, 0.5),
    )


def test_fonts_are_found_and_drawn(faces: list[FontFace]) -> None:
    assert {f.family for f in faces} == {"sans", "serif"}
    assert all(len(f.glyphs) == 94 for f in faces)
    face = faces[0]
    comma, apostrophe = ASCII_CLASSES.index(","), ASCII_CLASSES.index("'")
    assert face.tops_px[comma] < face.x_height_px / 2 < face.tops_px[apostrophe]
    glyph = face.glyphs[ASCII_CLASSES.index("H")]
    assert glyph[0].max() > 40
    assert glyph[:, 0].max() > 40


def test_a_file_that_is_no_font_is_left_out(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    assert draw_face(broken) is None
    assert load_faces([broken]) == []


def test_a_folder_without_fonts_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=tmp_path.name):
        find_fonts([tmp_path])


def test_families_stay_together(faces: list[FontFace]) -> None:
    train, held_out = split_faces(faces, seed=1)
    assert held_out
    assert {f.family for f in train}.isdisjoint(f.family for f in held_out)
    with pytest.raises(UsageError, match="two folders"):
        split_faces(train, seed=1)


def test_augmentation_changes_pictures_a_little(handprint: CharacterSet) -> None:
    rng = np.random.default_rng(1)
    picture = handprint.images[0]
    changed = np.stack([augment(picture, Augmentation(), rng) for _ in range(50)])
    assert changed.shape == (50, 32, 32)
    assert changed.dtype == np.uint8
    assert len({c.tobytes() for c in changed}) > 45
    ink = changed.astype(float).sum(axis=(1, 2)) / picture.sum()
    assert 0.5 < ink.min() < ink.max() < 2


def test_no_augmentation_is_the_picture_itself(handprint: CharacterSet) -> None:
    nothing = Augmentation(rotation_deg=0, zoom=0, shift=0, shear=0, recentred=0, pen=0)
    rng = np.random.default_rng(1)
    assert np.array_equal(augment(handprint.images[0], nothing, rng), handprint.images[0])


def test_print_has_ink_and_every_class(faces: list[FontFace]) -> None:
    printed = draw_print(faces, 3000, Wear(), np.random.default_rng(1))
    assert set(printed.labels.tolist()) == set(range(94))
    assert printed.images.reshape(3000, -1).max(axis=1).min() == 255


def test_frequent_letters_are_drawn_more_often() -> None:
    shares = class_shares()
    assert shares.sum() == pytest.approx(1)
    assert shares[ASCII_CLASSES.index("e")] > shares[ASCII_CLASSES.index("}")] > 0


def test_negatives_are_labelled_as_such(faces: list[FontFace]) -> None:
    rejects = draw_rejects(faces, 100, Wear(), np.random.default_rng(1))
    assert set(rejects.labels.tolist()) == {REJECT}
    assert (rejects.images.reshape(100, -1).max(axis=1) == 255).all()


@pytest.mark.parametrize("kind", list(RejectKind))
def test_negatives_of_every_kind_have_ink(
    kind: RejectKind, handprint: CharacterSet, faces: list[FontFace]
) -> None:
    rejects = draw_rejects(faces, 20, Wear(), np.random.default_rng(1), handprint, [kind])
    assert (rejects.images.reshape(20, -1).max(axis=1) == 255).all()
    assert len({image.tobytes() for image in rejects.images}) > 10


def test_a_run_of_digits_draws_digits_only(faces: list[FontFace]) -> None:
    printed = draw_print(faces, 50, Wear(), np.random.default_rng(1), "0123456789")
    assert printed.labels.max() < 10


def test_a_step_alone_decides_its_batch(handprint: CharacterSet, faces: list[FontFace]) -> None:
    one, again = batches(handprint, faces).make(7), batches(handprint, faces).make(7)
    assert np.array_equal(one.pictures, again.pictures)
    assert np.array_equal(one.labels, again.labels)
    assert not np.array_equal(one.pictures, batches(handprint, faces).make(8).pictures)
    assert not np.array_equal(one.pictures, batches(handprint, faces, seed=2).make(7).pictures)


def test_a_batch_holds_every_source(handprint: CharacterSet, faces: list[FontFace]) -> None:
    batch = batches(handprint, faces).make(0)
    assert batch.pictures.shape == (32, 32, 32, 1)
    assert batch.pictures.dtype == np.float32
    assert 0 <= batch.pictures.min() < batch.pictures.max() == 1
    assert (batch.labels == REJECT).sum() == 4
    assert (batch.weights[16:] == 1).all()


def test_a_pass_shows_every_picture_once(handprint: CharacterSet, faces: list[FontFace]) -> None:
    maker = batches(handprint, faces)
    rows = np.concatenate([maker._rows(step, 16) for step in range(25)])  # 8 passes of 50
    assert (np.bincount(rows, minlength=50) == 8).all()
    assert not np.array_equal(rows[:50], rows[50:100])


def test_rare_classes_weigh_more_but_the_mean_is_one() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    weights = class_weights(labels, 0.5)
    assert weights[1] == pytest.approx(3 * weights[0], rel=1e-5)
    assert weights[labels].mean() == pytest.approx(1, rel=1e-5)
