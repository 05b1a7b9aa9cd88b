"""Words to put on random pages; all of it was written for this project."""

from __future__ import annotations

import numpy as np

_SENTENCES = (
    "The ferry left at seven and came back before the rain.",
    "Nobody had opened the cupboard since the school was closed.",
    "Every parish kept two books, one for births and one for deaths.",
    "The price of salt rose from 14 to 19 pence within a year.",
    "A clerk copied each letter by hand and kept the original.",
    "In March 1887 the bridge was measured again: 212 feet and 6 inches.",
    "Mr. Quill asked for paper, ink, and a lamp; he received the lamp.",
    "The map shows a mill, three wells and a road that no longer exists.",
    "What was lost in the fire is known only from a list of titles.",
    "Two copies were sent to the harbour office, where one remains.",
    "The witness could not say whether the door had been locked.",
    "Boxes 40-46 hold the accounts; the rest is correspondence.",
    "Her handwriting is small, even and a pleasure to read.",
    "The council met on Thursdays, usually without its chairman.",
    "Later pages are stained, but the text can be made out.",
    "Wages were paid in kind: flour, cloth and half a cord of wood.",
    "It was judged that the wall would stand another ten years.",
    "The list ends abruptly with the words: see next volume.",
    "Zinc roofs became common when the new railway brought them cheaply.",
    "He signed with an X, as did both of his neighbours.",
)
_GOODS = (
    "Bread rye", "Apples 1kg", "Coffee 250g", "Milk 1L", "Soap", "Pencils 6x", "Notebook A5",
    "Butter", "Eggs 10", "Tea black", "Jam plum", "Lamp oil", "Candles", "String 50m", "Rice 2kg",
)  # fmt: skip
_PLACES = ("Alder Quay", "Brook Lane", "Castle Hill", "Dove Street", "Elm Square", "Ferry Road")
_NAMES = ("Anna Holt", "Ben Marsh", "Clara Voss", "David Lund", "Edith Frey", "Frank Quist")


def sentence(rng: np.random.Generator) -> str:
    """One sentence."""
    return _SENTENCES[int(rng.integers(len(_SENTENCES)))]


def paragraph(rng: np.random.Generator, sentences: int) -> str:
    """Sentences in a row, none of them twice as long as there are enough."""
    order = rng.permutation(len(_SENTENCES))
    return " ".join(_SENTENCES[int(order[n % len(order)])] for n in range(sentences))


def title(rng: np.random.Generator) -> str:
    """A heading of a few words."""
    words = sentence(rng).rstrip(".").split()
    return " ".join(words[: int(rng.integers(3, 7))]).rstrip(",:;")


def name(rng: np.random.Generator) -> str:
    """First and last name."""
    return str(rng.choice(_NAMES))


def address(rng: np.random.Generator) -> str:
    """Street and number."""
    return f"{rng.choice(_PLACES)} {int(rng.integers(1, 120))}"


def goods(rng: np.random.Generator) -> str:
    """Something that a shop sells."""
    return str(rng.choice(_GOODS))


def date(rng: np.random.Generator) -> str:
    """A day, as digits."""
    day, month = int(rng.integers(1, 29)), int(rng.integers(1, 13))
    return f"{day:02d}.{month:02d}.{int(rng.integers(1920, 2020))}"


def price_cents(rng: np.random.Generator) -> int:
    """A price below 40."""
    return int(rng.integers(30, 4000))


def digits(rng: np.random.Generator, count: int) -> str:
    """A number with this many digits."""
    return "".join(str(int(digit)) for digit in rng.integers(0, 10, size=count))
