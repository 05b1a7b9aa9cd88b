"""The text of the line recogniser's card, made from the figures that the machine reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.calibration import KINDS
from pipeline.language.shipped import KEY


def describe_line_model(card: Mapping[str, Any]) -> str:
    """CARD.md from card.json (docs/models.md says what its keys mean)."""
    training = card["training"]
    sources = ", ".join(f"{name}: {count:,}" for name, count in training["sources"].items())
    lines = [
        f"# {card['name']} {card['version']}: lines of text",
        "",
        "Reads a line at a time: a picture 32 px high (`pipeline/line_image.py`, ink white)"
        f" gives, for every four columns, a probability for each of {len(card['classes'])} "
        "characters (`vocab.txt`: ASCII, letters of European languages in Latin script, "
        "typographic signs) and for a blank. Use it for print and typescript, where characters "
        "touch. It knows hand print from lines composed of single characters only.",
        *_asked(card),
        "",
        "## Training",
        "",
        "Synthetic lines are drawn from the fonts of Debian packages, with words of Debian's word "
        "lists and prose of the public-domain books of the training set, and worn as scans are; "
        "hand-printed lines are composed from characters (EMNIST, NIST Special Database 19). "
        "Real lines: receipts (ICDAR 2019 SROIE, CC BY 4.0; their letter case recovered from the "
        "picture), typescripts of the 1930s and 1940s (EHRI, CC BY 4.0), and lines of old books "
        "(old-books-dataset: Internet Archive scans, Project Gutenberg texts) matched to the "
        "texts of their pages.",
        "",
        "| what | value |",
        "|---|---|",
        f"| network | {training['network']}, {training['parameters']:,} parameters |",
        f"| lines seen | {training['lines_seen']:,}{_before(training, 'lines_seen')} |",
        *([f"| steps | {training['steps']:,} |"] if "steps" in training else []),
        "| seconds by the clock, one thread, shared machine |"
        f" {training['seconds']:,}{_before(training, 'seconds')} |",
        *_blend_row(training),
        f"| synthetic lines | {training['synthetic_lines']:,} |",
        f"| real lines | {sources} |",
        "",
        "## Figures (the file that CPU workers run; float in brackets)",
        "",
        "Sets marked *case folded* have truth without letter case.",
        "",
        "| set | lines | CER alone | lines as float | lines/s | CER with language | lines/s |",
        "|---|---|---|---|---|---|---|",
        *(_reading_row(figures) for figures in card["metrics"]["lines"]),
        *_language(card),
        *_confidence(card),
        *("", *(f"- {note}" for note in training.get("notes", ()))),
    ]
    return "\n".join(lines) + "\n"


def _asked(card: Mapping[str, Any]) -> list[str]:
    """Of the network for hand print: which lines it is given, and how well they are told."""
    if "asked" not in card:
        return []
    shares = ", ".join(
        f"{name} {share:.1%} of {count:,}"
        for name, (share, count) in card["asked"]["taken"].items()
    )
    return [
        "",
        "It reads the lines that `crnn` says are printed by hand, by a linear rule on the mean of "
        f"its outputs (`pipeline/engines/hand_lines.py`). Taken for hand print: {shares}.",
    ]


def _blend_row(training: Mapping[str, Any]) -> list[str]:
    """How much of each network is in the weights, where they are a mean of several."""
    if "blend" not in training:
        return []
    begun, *others = training["blend"]["shares"]
    version = training.get("begun_from", {}).get("version", "?")
    parts = ", ".join(f"{share:.0%}" for share in others)
    return [
        f"| mean of weights | {begun:.0%} crnn {version}, {parts} of what began with it; shares"
        " chosen on the calibration folds |"
        if begun
        else f"| mean of weights | {parts} of runs that began with crnn {version} |"
    ]


def _before(training: Mapping[str, Any], key: str) -> str:
    """What the weights that training began with had behind them."""
    begun = training.get("begun_from")
    return f", after {begun[key]:,} of crnn {begun['version']}" if begun else ""


def _reading_row(figures: Mapping[str, Any]) -> str:
    name = figures["set"] + (" (case folded)" if figures["case_folded"] else "")
    return (
        f"| {name} | {figures['lines']} | {figures['cer']:.2%} ({figures['cer_float']:.2%}) "
        f"| {figures['lines_as_float']:.1%} | {figures['lines_per_s']:,} | {_expected(figures)} |"
    )


def _expected(figures: Mapping[str, Any]) -> str:
    if "cer_expected" not in figures:
        return "| "
    return f"{figures['cer_expected']:.2%} | {figures['lines_per_s_expected']:,}"


def _language(card: Mapping[str, Any]) -> list[str]:
    if KEY not in card:
        return []
    chosen = card[KEY]
    folds = ", ".join(
        f"{name} {rates['alone']:.2%} -> {rates['expected']:.2%}"
        for name, rates in chosen["chosen_by"].items()
    )
    return [
        "",
        "## Language model",
        "",
        "`language.npz`: n-grams of up to six characters without their case (docs/models.md has "
        "what was counted). Where the network wavers, what it gives weight is held against what "
        f"is expected: {chosen['weight']} of its logarithm and {chosen['character_bonus']} for "
        "each character are added (docs/decisions/0027). These shares are "
        f"those that read the calibration folds best, CER alone -> with it: {folds}. "
        "Confidences below are of what is read with it; those of the network alone "
        "(`--language-model none`) are in `card.json`, `confidence_alone`.",
    ]


def _confidence(card: Mapping[str, Any]) -> list[str]:
    chosen = card["confidence"]["chosen_by"]
    compared = ", ".join(f"{form} {loss:.4f}" for form, loss in chosen["log_loss"].items())
    folds = ", ".join(f"{name} {count:,}" for name, count in chosen["folds"].items())
    return [
        "",
        "## Confidences",
        "",
        "What the network has against a character (docs/decisions/0015) becomes a probability by a "
        f"calibration of the form *{chosen['form']}* (what is missing: *{chosen['missing_form']}*),"
        " fitted on folds of the training files that are not trained on (characters: "
        f"{folds}). The form was chosen by its log loss on the fold that it was not fitted on, "
        f"over that of a constant, mean over the folds: {compared}. "
        "Figures on calibration folds are therefore in-sample. "
        "Spaces are characters; quotes and dashes of all forms count as equal. *ECE* in bins of "
        "equal count; *skill* is Brier's over a constant; last column: share of the wrong "
        "characters among the least confident.",
        "",
        "| set | characters | n | wrong | ECE | below 0.95: n, ECE | skill | AUROC | "
        "errors in the least confident 1 / 2 / 5 / 10 / 20 % |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            _kind_row(figures["set"], kind, figures[kind])
            for figures in card["metrics"]["confidence"]
            for kind in ("all", *KINDS)
            if figures[kind]["characters"]
        ),
        "",
        "Whether a line misses a character (`missing_risk`); lines whose label goes on where the "
        "crop ends are set aside.",
        "",
        "| set | lines | set aside | miss one | ECE | skill | AUROC |",
        "|---|---|---|---|---|---|---|",
        *(_missing_row(f["set"], f["missing"]) for f in card["metrics"]["confidence"]),
        "",
        "Reliability: mean confidence and share right in tenths of the characters, least confident "
        "first.",
        "",
        *(_reliability(figures) for figures in card["metrics"]["confidence"]),
    ]


def _kind_row(name: str, kind: str, figures: Mapping[str, Any]) -> str:
    found = " / ".join(f"{100 * share:.0f}" for share in figures["errors_found"].values())
    return (
        f"| {name} | {kind} | {figures['characters']:,} | {figures['wrong']:.2%} "
        f"| {figures['ece']:.2%} | {figures['doubtful']:,}, {figures['ece_doubtful']:.1%} "
        f"| {figures['brier_skill']:.2f} | {figures['auroc']:.3f} | {found} |"
    )


def _missing_row(name: str, figures: Mapping[str, Any]) -> str:
    return (
        f"| {name} | {figures['lines']:,} | {figures['set_aside']} | {figures['share']:.1%} "
        f"| {figures['ece']:.1%} | {figures['brier_skill']:.2f} | {figures['auroc']:.3f} |"
    )


def _reliability(figures: Mapping[str, Any]) -> str:
    pairs = ", ".join(f"{said:.3f}: {right:.3f}" for said, right in figures["reliability"])
    return f"- {figures['set']}: {pairs}"
