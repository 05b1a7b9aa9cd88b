"""What letterheads, receipts and tables of figures say that no prose does.

Addresses of mail and web are long words with full stops in them, behind which no space comes;
telephone numbers are parted in as many ways as there are countries; figures stand in brackets,
codes have letters and digits side by side that no language foretells.
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

_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIGURES = "0123456789"
_HEX = "0123456789abcdef"
_UNITS = (
    "MG", "mg", "ML", "ml", "mL", "kg", "KG", "cm", "mm", "kWh", "GB", "MB", "kHz", "V", "A", "g",
)  # fmt: skip
_SALTS = ("HCL", "SOD", "TART", "SULF", "ACET", "MAG")
_ABBREVIATIONS = (
    "y/y", "q/q", "n/a", "N/A", "w/o", "b/f", "c/o", "a/c", "P/E", "R&D", "S&P", "AT&T", "YoY",
    "QoQ", "pH", "PhD", "GmbH", "REITs", "CEOs", "MiTek", "eBay", "iOS", "mRNA", "EBITDA", "GDP",
    "US", "UK", "EU", "VAT", "GST", "PCC", "HCL", "LLC", "Ltd.", "Inc.", "e.g.", "i.e.", "vs.",
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


def draw_number(rng: random.Random) -> str:
    """A number, price, date, time, telephone number, figure or code."""

    def digits(low: int, high: int) -> str:
        return "".join(rng.choice(_FIGURES) for _ in range(rng.randint(low, high)))

    makers = (
        lambda: (
            f"{rng.choice(('', '', 'RM', '$', 'RM ', '£', '€ ', 'Kr. '))}{rng.randint(0, 999)}"
            f"{rng.choice('..,')}{digits(2, 2)}"
        ),
        lambda: (
            f"{rng.randint(0, 99):d},{digits(3, 3)}{rng.choice(('', '.00', '.' + digits(2, 2)))}"
        ),
        lambda: (
            f"{rng.randint(1, 31):02d}{(sep := rng.choice('/-.'))}{rng.randint(1, 12):02d}{sep}"
            f"{rng.choice(('20', '19', '18', ''))}{digits(2, 2)}"
        ),
        lambda: (
            f"{rng.randint(0, 23):02d}:{digits(2, 2)}"
            + rng.choice(("", ":" + digits(2, 2), " PM", " AM", "PM"))
        ),
        lambda: f"{rng.randint(1, 20)} {rng.choice('xX*@')} {rng.randint(0, 99)}.{digits(2, 2)}",
        lambda: f"{digits(2, 3)}-{digits(3, 8)}",
        lambda: digits(1, 12),
        lambda: (
            "".join(rng.choice(_CAPITALS) for _ in range(rng.randint(1, 4)))
            + rng.choice(("", "-", " ", "/"))
            + digits(2, 7)
        ),
        lambda: f"({digits(5, 7)}-{rng.choice(_CAPITALS)})",
        lambda: f"{rng.randint(0, 100)}{rng.choice(('%', '.00%', ' %', '°', '½', '¼'))}",
        lambda: (
            f"{rng.choice(('No.', 'Nr.', 'p.', 'pp.', 'vol.', '§', '#', 'Tel:', 'Fax:'))} "
            f"{digits(1, 8)}"
        ),
        lambda: rng.choice(
            (
                f"{rng.randint(1, 30)}{rng.choice(('er', 'e', 'st', 'nd', 'rd', 'th', 'me'))}",
                f"{rng.randint(0, 9)}m,{digits(2, 2)}",
                f"{rng.choice(('Mme', 'Mlle', 'Mr', 'Mrs', 'Dr', 'St'))} {rng.choice(_CAPITALS)}.",
                f"{rng.choice(('No', 'no', 'Nos', 'nos'))} {digits(1, 4)}",
            )
        ),
        lambda: rng.choice(
            ("I.", "II.", "III.", "IV.", "VI.", "IX.", "XII.", "XIV.", "XVIII.", "XL.")
        ),
        lambda: draw_telephone(rng),
        lambda: draw_figure(rng),
    )
    return rng.choice(makers)()


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
    exact = f"{rng.randint(100, 9_999):,}.{rng.randint(0, 9)}"
    year = rng.randint(10, 30)
    return rng.choice(
        (
            f"({number})", f"({share}%)", f"-{number}", f"-{share}", f"{share}x", f"({share}x)",
            "(x)", "(%)", "-0", "(0)", "0", "0.0", "-", "n.a.", f"FY20{year}{rng.choice('AE')}",
            f"20{year}E", f"Q{rng.randint(1, 4)}", f"{rng.randint(1, 4)}Q{year}", f"12/{year}E",
            f"${number}", f"US${share}", f"{number} m", f"{share} %", f"+{share}%", "(mm)",
            "(000s)", f"€{number}", f"£{share}m",
            f"{rng.choice('ABCEFGOPQ')}{rng.choice('0123456789OI')}",
            share, share, exact, exact, f"${exact}", f"({share})", f"({exact})",
            f"${share}{rng.choice('bmk')}", f"{share}bp",
        )
    )  # fmt: skip


def draw_code(rng: random.Random) -> str:
    """A code or an abbreviation: of a share, a case, a drug, a document; a unit, a firm's name."""

    def some(alphabet: str, low: int, high: int) -> str:
        return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))

    capitals = some(_CAPITALS, 1, 4)
    makers = (
        lambda: f"({capitals}.{some(_CAPITALS, 1, 2)})",
        lambda: f"({rng.choice(('NYSE', 'NASDAQ', 'LSE'))}: {capitals})",
        lambda: "-".join(some(_HEX, n, n) for n in (8, 4, 4, 4, 12)),
        lambda: some(_HEX, 5, 12),
        lambda: f"{rng.randint(1, 9)}:{some(_FIGURES, 2, 2)}-cv-{some(_FIGURES, 5, 5)}-{capitals}",
        lambda: f"{capitals}{rng.choice('_-/')}{some(_CAPITALS, 1, 4)}{some(_FIGURES, 5, 8)}",
        lambda: f"{some(_FIGURES, 5, 5)}-{some(_FIGURES, 4, 4)}-{some(_FIGURES, 2, 2)}",
        lambda: f"{rng.randint(1, 500)}{rng.choice(_UNITS)}",
        lambda: (
            f"{rng.randint(0, 9)}.{some(_FIGURES, 1, 2)}{rng.choice(_UNITS)}"
            f"/{rng.randint(0, 9)}.{some(_FIGURES, 1, 3)}"
        ),
        lambda: f"{rng.choice(_SALTS)} {rng.choice(('ER', 'SR', 'XL', 'IR'))}",
        lambda: (
            f"{capitals}{some(_FIGURES, 1, 3)}{rng.choice(('', '/', '-', '.'))}"
            f"{some(_FIGURES, 1, 2)}"
        ),
        lambda: rng.choice(_ABBREVIATIONS),
        lambda: rng.choice(_ABBREVIATIONS),
    )
    return rng.choice(makers)()


def _digits(rng: random.Random) -> str:
    return str(rng.randint(1, 10 ** rng.randint(1, 8)))
