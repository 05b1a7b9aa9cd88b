"""A classifier of characters on labelled pictures: what it answers, how sure, how fast."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocrq.errors import UsageError
from ocrq.types import EngineInfo
from pipeline.nets.vocabulary import ASCII_CLASSES, class_set
from training.characters.charset import CharacterSet
from training.characters.evaluate import Answers, CharacterScore, answer, score
from training.characters.formats import load_characters
from training.evaluation.confidences import ConfidenceScore, score_answers
from training.evaluation.datasets import Left, find_lines, unpacked
from training.evaluation.judge import kind_of
from training.evaluation.report import Table, bounds, percent
from training.evaluation.run_engines import core_seconds
from training.evaluation.score import Confusion
from training.metrics import confusion_matrix

_CONFUSIONS = 20
#: Pictures are dealt at random to so many blocks, which the bootstrap draws: no writers are known.
_BLOCKS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSetScore:
    """The figures under one prior."""

    score: CharacterScore
    confidence: ConfidenceScore
    confusions: tuple[Confusion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharactersEvaluation:
    """Everything that was measured on some files of characters."""

    model: EngineInfo
    files: tuple[str, ...]
    sets: tuple[ClassSetScore, ...]  # in the order of the class sets asked for
    per_second: float  # pictures a processor second
    left_out: tuple[Left, ...]

    def tables(self) -> list[Table]:
        """What a person is shown."""
        return [_accuracies(self.sets), _confidences(self.sets), _confusions(self.sets[-1])]


def evaluate_characters(
    files: Sequence[Path],
    *,
    model: str = "resnet",
    class_sets: Sequence[str] = ("alnum",),
    limit: int | None = None,
) -> CharactersEvaluation:
    """Score a shipped model on files of characters, once for each class set.

    Figures on files that it was trained on are too good; a run's own report has those of the side
    that was held out.

    Args:
        files: see `load_set`.
        model: name of the model.
        class_sets: names of priors; the widest last.
        limit: take so many pictures, spread evenly.

    Raises:
        UsageError: a file cannot be read, a class set is unknown, or the model reads lines.
        ModelError: the model is missing or damaged.
    """
    from pipeline.runtime.classifier import load_classifier
    from pipeline.weights import find_model

    for name in class_sets:
        class_set(name)
    found = find_model(model)
    if "size" not in found.card.get("input", {}):
        raise UsageError(
            f"{model!r} is no model of single characters; what reads lines is scored by "
            "`ocrq evaluate lines --engine NAME`"
        )
    classifier = load_classifier(found)
    loaded = [load_set(path) for path in files]
    characters = CharacterSet.concatenate(part for part, _ in loaded)
    if limit is not None and limit < len(characters):
        characters = characters.take(np.arange(limit) * len(characters) // limit)
    started_s = core_seconds()
    probabilities = classifier.classify(characters.images)
    elapsed_s = core_seconds() - started_s
    return CharactersEvaluation(
        model=EngineInfo(
            name=found.name, version=found.version, weights_sha256=found.weights_sha256
        ),
        files=tuple(path.name for path in files),
        sets=tuple(_score(answer(probabilities, characters.labels, name)) for name in class_sets),
        per_second=len(characters) / max(elapsed_s, 1e-9),
        left_out=tuple(left for _, lefts in loaded for left in lefts),
    )


def load_set(path: Path) -> tuple[CharacterSet, list[Left]]:
    """A file of `ocrq train`, or a folder or zip file of pictures with labels.tsv (file, label).

    Pictures of a folder are dark on light, as scans are. Labels that are no printable ASCII
    character are left out and named.

    Raises:
        UsageError: it is none of these.
    """
    if not path.is_dir() and (path.suffix.lower() == ".npz" or not zipfile.is_zipfile(path)):
        return load_characters(path), []
    with unpacked(path) as folder:
        samples, left = find_lines(folder)
    kept = [s for s in samples if s.truth in ASCII_CLASSES and len(s.truth) == 1]
    left += [
        Left(name=s.name, why=f"its label {s.truth!r} is not one printable ASCII character")
        for s in samples
        if not (s.truth in ASCII_CLASSES and len(s.truth) == 1)
    ]
    if not kept:
        raise UsageError(f"{path}: no picture with a label of one character")
    pictures = (np.asarray(255 - s.gray, np.uint8) for s in kept)
    return CharacterSet.from_raw(pictures, (s.truth for s in kept)), left


def _score(answers: Answers) -> ClassSetScore:
    right = answers.is_right
    kinds = np.array([kind_of(c) for c in ASCII_CLASSES], np.uint8)[answers.labels]
    block = np.random.default_rng(0).permutation(len(right)) % min(_BLOCKS, len(right))
    rows = [np.flatnonzero(block == k) for k in range(int(block.max()) + 1)]
    confidence = score_answers(
        [answers.confidence[r] for r in rows],
        [right[r] for r in rows],
        [kinds[r] for r in rows],
        groups=[str(k) for k in range(len(rows))],
    )
    assert confidence is not None  # `answer` refuses a set without pictures
    return ClassSetScore(
        score=score(answers), confidence=confidence, confusions=_most_confused(answers)
    )


def _most_confused(answers: Answers) -> tuple[Confusion, ...]:
    counts = confusion_matrix(answers.labels, answers.answers, len(ASCII_CLASSES))
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:_CONFUSIONS]
    places = (np.unravel_index(k, counts.shape) for k in order)
    return tuple(
        Confusion(
            expected=ASCII_CLASSES[int(a)], got=ASCII_CLASSES[int(b)], count=int(counts[a, b])
        )
        for a, b in places
        if counts[a, b]
    )


def _accuracies(sets: Sequence[ClassSetScore]) -> Table:
    return Table(
        title="Characters",
        header=("classes", "pictures", "right", "case merged", "twins merged", "macro F1"),
        rows=tuple(
            (
                s.score.class_set, f"{s.score.count:,}", percent(s.score.accuracy),
                percent(s.score.case_merged_accuracy), percent(s.score.merged_accuracy),
                f"{s.score.macro_f1:.3f}",
            )
            for s in sets
        ),
    )  # fmt: skip


def _confidences(sets: Sequence[ClassSetScore]) -> Table:
    return Table(
        title="Confidences",
        header=(
            "classes", "ECE", "95 %", "by chance", "ECE below .95", "by chance", "Brier skill",
            "AUROC", "errors in 1/2/5/10/20 %", "in 5 %, 95 %",
        ),
        rows=tuple(
            (
                s.score.class_set, percent(s.confidence.ece.value), bounds(s.confidence.ece),
                percent(s.confidence.ece_by_chance),
                percent(s.confidence.ece_doubtful.value),
                percent(s.confidence.ece_doubtful_by_chance),
                f"{s.confidence.brier_skill.value:.3f}", f"{s.confidence.auroc.value:.3f}",
                "/".join(f"{100 * e.value:.0f}" for _, e in s.confidence.errors_found),
                bounds(dict(s.confidence.errors_found)[0.05]),
            )
            for s in sets
        ),
        note="ECE has 15 bins of equal count; by chance: of perfectly honest confidences.",
    )  # fmt: skip


def _confusions(last: ClassSetScore) -> Table:
    return Table(
        title=f"Confusions, {last.score.class_set}",
        header=("expected", "read", "times"),
        rows=tuple((c.expected, c.got, f"{c.count:,}") for c in last.confusions),
    )
