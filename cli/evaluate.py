"""`ocrq evaluate`: recognition against the truth, each kind in a module of its own."""

from __future__ import annotations

from cli.lazy import LazyGroup

#: A further kind is a module with a `command` and a row here.
_KINDS = {
    "characters": ("cli.evaluate_characters", "Score a model on labelled characters."),
    "layout": ("cli.evaluate_layout", "Count which lines of pages are found."),
    "lines": ("cli.evaluate_lines", "Read line crops and score them."),
    "pages": ("cli.evaluate_pages", "Read whole scans and score them."),
    "text": ("cli.evaluate_text", "Score exported texts against true ones."),
}

command = LazyGroup("evaluate", modules=_KINDS, help="Measure recognition against the truth.")
