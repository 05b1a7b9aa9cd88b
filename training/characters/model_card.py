"""The text of a model card, made from the figures that the machine reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def describe_model(card: Mapping[str, Any]) -> str:
    """CARD.md from card.json (docs/models.md says what its keys mean)."""
    metrics, training = card["metrics"], card["training"]
    lines = [
        f"# {card['name']} {card['version']}: single characters",
        "",
        "Reads one character at a time: a 32x32 picture (ink white on black, longer side 24 px, "
        "`pipeline/glyph_image.py`) gives a probability for each of the 94 printable ASCII "
        "characters and for *reject*: no single character. Use it for segmented print, typescript "
        "and hand-printed fields; not for cursive handwriting or other scripts.",
        "",
        "A picture of fixed size does not show how tall a character was: `o O 0`, `, '`, "
        "`l I 1 |` share their probability, and the line has to decide. *Twins merged* counts "
        "them as one.",
        "",
        "## Training",
        "",
        "Hand-printed characters come from EMNIST (NIST Special Database 19, US public domain): "
        "ByClass test, tails of Balanced and Digits, MNIST test, without exact duplicates. Print "
        "is drawn from fonts of Debian packages and worn as scans are (size, blur, threshold, "
        "noise, gaps, slant). Negatives are touching pairs and cut characters, in print and "
        "by hand, pieces of rules and blots. Near-"
        "duplicates of handprint and families of fonts stay on one side of the split; no writer "
        "ids exist, so writers may be on both, and figures on handprint are somewhat optimistic.",
        "",
        "| what | value |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in training.items()),
        "",
        "## Figures on what was held out (int8 file)",
        "",
        "Answers are restricted to the class set; confidences are those probabilities, with the "
        f"logits divided by {card['temperature']}, fitted on a calibration side of the training "
        "files. Last column: share of all errors among the least confident answers.",
        "",
        "| pictures | classes | count | accuracy (float) | case merged | twins merged | macro F1 | "
        "ECE | AUROC | errors in the least confident 1 / 2 / 5 / 10 / 20 % |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *_rows("handprint", metrics["handprint"], metrics["handprint_float"]),
        *_rows("print", metrics["print"], metrics["print_float"]),
        "",
        *_rejection(metrics["rejection"]),
        "",
        *(f"{name}: {value:,}.  " for name, value in metrics["speed"].items()),
    ]
    return "\n".join(lines) + "\n"


def _rejection(figures: Mapping[str, Any]) -> list[str]:
    kinds = ", ".join(f"{kind} {share:.1%}" for kind, share in figures["accepted_by_kind"].items())
    return [
        "What is no single character: with a threshold on the reject class that one in a hundred "
        f"characters of the calibration side exceeds ({figures['threshold']:.3f}), "
        f"{figures['characters_rejected']:.2%} of the characters held out are rejected (by hand "
        f"{figures['handprint_rejected']:.2%}, print {figures['print_rejected']:.2%}) and "
        f"{figures['negatives_accepted']:.1%} of the negatives are accepted: {kinds}.",
    ]


def _rows(
    source: str, scores: list[Mapping[str, Any]], floats: list[Mapping[str, Any]]
) -> list[str]:
    return [
        f"| {source} | {s['class_set']} | {s['count']:,} | {s['accuracy']:.2%} "
        f"({f['accuracy']:.2%}) | {s['case_merged_accuracy']:.2%} "
        f"| {s['merged_accuracy']:.2%} | {s['macro_f1']:.3f} | {s['ece']} "
        f"| {s['auroc']:.3f} | "
        + " / ".join(f"{100 * v:.0f}" for v in s["errors_found"].values())
        + " % |"
        for s, f in zip(scores, floats, strict=True)
    ]
