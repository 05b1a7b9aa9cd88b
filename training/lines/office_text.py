"""What letterheads, receipts and tables of figures say that no prose does.

Addresses of mail and web are long words with full stops in them, behind which no space comes;
telephone numbers are parted in as many ways as there are countries; figures stand in brackets.
"""

from __future__ import annotations

import random
from collections.abc import Callable

_ENDS = (
    "com", "com", "com", "org", "net", "de", "fr", "co.uk", "com.my", "it", "nl", "dk", "cz", "eu",
    "gov", "edu", "info", "pl", "es", "se", "at", "ch",
)  # fmt: skip
_LABELS = (
    "", "", "", "E-mail: ", "Email: ", "E-Mail: ", "e-mail ", "Web: ", "Website: ", "Source: ",
    "Mail: ", "Visit ", "(", "See ",
)  # fmt: skip
_CALLS = (
    "", "", "", "Tel: ", "TEL : ", "Tel. ", "Phone: ", "Fax: ", "FAX:", "Tlf. ", "Mobile ", "T ",
    "Tél. ", "H/P: ", "TEL NO.: ",
)  # fmt: skip

#: Draws an ASCII word in small letters.
DrawWord = Callable[[random.Random], str]


def draw_address(rng: random.Random, word: DrawWord) -> str:
    """An address of mail or of the web, with its label now and then."""
    domain = rng.choice(("", "", "", "-")).join(word(rng) for _ in range(rng.randint(1, 2)))
    host = f"{domain}.{rng.choice(_ENDS)}"
    if rng.random() < 0.5:
        mark = rng.choice((".", ".", ".", "_", "-", ""))
        name = mark.join(word(rng) for _ in range(rng.randint(1, 2)))
        name = rng.choice((name, name.title(), f"{name[:1]}.{word(rng)}", f"{name}{_digits(rng)}"))
        text = f"{name}@{host}"
    else:
        begin = rng.choice(("www.", "www.", "http://www.", "https://", "http://", ""))
        path = "".join(f"/{word(rng)}" for _ in range(rng.choice((0, 0, 1, 2))))
        end = rng.choice(("", "", "", "/", ".html", f"?id={_digits(rng)}", f"/{_digits(rng)}"))
        text = f"{begin}{host}{path}{end if path else ''}"
    text = text.upper() if rng.random() < 0.15 else text
    return rng.choice(_LABELS) + text


def draw_telephone(rng: random.Random) -> str:
    """A telephone number, as one of many countries writes it."""

    def some(count: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(count))

    makers = (
        lambda: f"+{rng.randint(1, 99)} {some(3)} {some(3)}-{some(4)}",
        lambda: f"+{rng.randint(1, 99)} {some(2)} {some(4)} {some(4)}",
        lambda: f"+{rng.randint(1, 99)} ({some(1)}) {some(2)}-{some(3)} {some(4)}",
        lambda: f"({some(3)}) {some(3)}-{some(4)}",
        lambda: f"{some(3)} {some(3)}-{some(4)}",
        lambda: f"{some(3)}-{some(3)}-{some(4)}",
        lambda: f"0{some(1)}-{some(4)} {some(4)}",
        lambda: f"0{some(1)}-{some(8)}/{some(4)}",
        lambda: f"0{some(3)} {some(3)} {some(3)}",
        lambda: " ".join(some(2) for _ in range(rng.randint(3, 5))),
        lambda: f"0{some(3)}/{some(3)} {some(2)}-{some(2)}",
    )
    return rng.choice(_CALLS) + rng.choice(makers)()


def draw_figure(rng: random.Random) -> str:
    """A figure as tables of accounts have it: in brackets, below nought, a multiple, a year."""
    number = f"{rng.randint(0, 99_999):,}" if rng.random() < 0.5 else str(rng.randint(0, 99))
    share = f"{rng.randint(0, 99)}.{rng.randint(0, 9)}"
    year = rng.randint(10, 30)
    return rng.choice(
        (
            f"({number})", f"({share}%)", f"-{number}", f"-{share}", f"{share}x", f"({share}x)",
            "(x)", "(%)", "-0", "(0)", "0", "0.0", "-", "n.a.", f"FY20{year}{rng.choice('AE')}",
            f"20{year}E", f"Q{rng.randint(1, 4)}", f"{rng.randint(1, 4)}Q{year}", f"12/{year}E",
            f"${number}", f"US${share}", f"{number} m", f"{share} %", f"+{share}%", "(mm)",
            "(000s)", f"€{number}", f"£{share}m",
            f"{rng.choice('ABCEFGOPQ')}{rng.choice('0123456789OI')}",
        )
    )  # fmt: skip


def _digits(rng: random.Random) -> str:
    return str(rng.randint(1, 10 ** rng.randint(1, 8)))
