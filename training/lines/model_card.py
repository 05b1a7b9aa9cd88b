"""The text of the line recogniser's card, made from the figures that the machine reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def describe_line_model(card: Mapping[str, Any]) -> str:
    """CARD.md from card.json (docs/models.md says what its keys mean)."""
    training = card["training"]
    sources = ", ".join(f"{name}: {count:,}" for name, count in training["sources"].items())
    lines = [
        f"# crnn {card['version']}: lines of text",
        "",
        "Reads a line at a time: a picture 32 px high (`pipeline/line_image.py`, ink white)"
        f" gives, for every four columns, a probability for each of {len(card['classes'])} "
        "characters (`vocab.txt`: ASCII, letters of European languages in Latin script, "
        "typographic signs) and for a blank. Use it for print and typescript, where characters "
        "touch. It has seen little handwriting: hand-printed fields are the work of `resnet`.",
        "",
        "## Training",
        "",
        "Synthetic lines are drawn from the fonts of Debian packages, with words of Debian's word "
        "lists and prose of the public-domain books of the training set, and worn as scans are. "
        "Real lines: receipts (ICDAR 2019 SROIE, CC BY 4.0; their letter case recovered from the "
        "picture), typescripts of the 1930s and 1940s (EHRI, CC BY 4.0), and lines of old books "
        "(old-books-dataset: Internet Archive scans, Project Gutenberg texts) matched to the "
        "texts of their pages.",
        "",
        "| what | value |",
        "|---|---|",
        f"| network | {training['network']}, {training['parameters']:,} parameters |",
        f"| lines seen | {training['lines_seen']:,} |",
        f"| seconds by the clock, one thread, shared machine | {training['seconds']:,} |",
        f"| synthetic shards of 6,000 lines | {training['synthetic_shards']} |",
        f"| real lines | {sources} |",
        "",
        "## Figures (the file that CPU workers run; float in brackets)",
        "",
        f"Logits are divided by {card['temperature']}, fitted on the calibration folds, which come "
        "from training files but are not trained on. ECE on a calibration fold is therefore "
        "in-sample: judge calibration by the other sets. Sets marked *case folded* have truth "
        "without letter case. Last column: share of wrong characters among the least confident.",
        "",
        "| set | lines | CER | lines as float | lines/s | ECE | AUROC | "
        "errors in the least confident 1 / 2 / 5 / 10 / 20 % |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(figures) for figures in card["metrics"]["lines"]),
        *("", *(f"- {note}" for note in training.get("notes", ()))),
    ]
    return "\n".join(lines) + "\n"


def _row(figures: Mapping[str, Any]) -> str:
    name = figures["set"] + (" (case folded)" if figures["case_folded"] else "")
    start = (
        f"| {name} | {figures['lines']} | {figures['cer']:.2%} ({figures['cer_float']:.2%}) "
        f"| {figures['lines_as_float']:.1%} | {figures['lines_per_s']:,} "
    )
    if "ece" not in figures:
        return f"{start}| | | |"
    found = " / ".join(f"{100 * share:.0f}" for share in figures["errors_found"].values())
    return f"{start}| {figures['ece']} | {figures['auroc']} | {found} % |"
