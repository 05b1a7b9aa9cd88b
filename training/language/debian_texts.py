"""Running text out of Debian packages: manuals, fortunes, glosses, a Bible, texts to type by.

None of it goes into the project; only how often six characters follow each other does.
"""

from __future__ import annotations

import gzip
import html
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

#: Languages whose letters the recogniser does not know.
_OTHER_LETTERS = frozenset({"ar", "el", "fa", "he", "ja", "ko", "ru", "uk", "vi", "zh"})
_DASHER = frozenset(
    {
        "czech", "danish", "dutch", "english", "finnish", "french", "german", "hungarian",
        "italian", "polish", "portuguese", "spanish", "swedish",
    }
)  # fmt: skip
_LEAST_CHARS = 20
#: A line is running text when so many of its characters are letters, spaces and common signs.
_MOSTLY = 0.9
_NO_TEXT = re.compile(r"(?s)<(script|style|pre|code|tt)[^>]*>.*?</\1>")
_BREAK = re.compile(r"(?s)</?(p|div|li|h\d|td|tr|br|dd|dt)[^>]*>")
_TAG = re.compile(r"(?s)<[^>]+>")


def texts_of(root: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each source found below a folder that packages were unpacked into.

    Args:
        root: `/`, or what `dpkg-deb -x PACKAGE.deb ROOT` filled.
    """
    share = root / "usr/share"
    for name, folders in (
        ("anarchism", ("doc/anarchism",)),
        ("debian", ("doc/debian-reference*", "doc/debian-handbook", "doc/debian/FAQ")),
        ("installation", ("doc/installation-guide-amd64",)),
    ):
        pages = [p for folder in folders for f in sorted(share.glob(folder)) for p in _pages(f)]
        yield name, prose("\n".join(_text_of_html(page) for page in pages))
    yield "fortunes", prose("\n".join(_fortunes(share / "games/fortunes")))
    yield "wordnet", prose("\n".join(_glosses(share / "wordnet")))
    yield "web", "\n".join(_sword(share / "sword/modules/texts/ztext/engWEB2015eb"))
    for path in sorted((share / "dasher").glob("training_*.txt")):
        if path.stem.removeprefix("training_").partition("_")[0] in _DASHER:
            yield f"dasher_{path.stem}", path.read_text("utf-8", "replace")
    jargon = sorted((share / "doc/jargon-text").glob("*.gz"))
    read = [gzip.decompress(path.read_bytes()).decode("utf-8", "replace") for path in jargon]
    yield "jargon", prose("\n\n".join(_unwrapped(text) for text in read))


def prose(text: str) -> str:
    """Its lines of running text, each once, no tables, commands or addresses."""
    lines = dict.fromkeys(re.sub(r"\s+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if _is_prose(line))


def _is_prose(line: str) -> bool:
    usual = sum(c.isalpha() or c in " ,.;'-" for c in line)
    return len(line) > _LEAST_CHARS and usual > _MOSTLY * len(line)


def _pages(folder: Path) -> list[Path]:
    found = (p for p in sorted(folder.rglob("*")) if re.search(r"\.html?(\.\w\w)?(\.gz)?$", p.name))
    return [
        p
        for p in found
        if p.is_file() and not p.is_symlink() and not _OTHER_LETTERS & _languages(p)
    ]


def _languages(path: Path) -> set[str]:
    """What a path may say of its language: .../el/..., page.ja.html, book.html.ru."""
    return {
        part[:2] for part in (*path.parts, *path.name.split(".")) if re.match(r"\w\w([-_]|$)", part)
    }


def _text_of_html(path: Path) -> str:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", "replace")
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", _NO_TEXT.sub(" ", text))))


def _fortunes(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".dat", ".u8"):
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue
            yield _unwrapped(re.sub(r"\n%+\n", "\n\n", f"{text}\n"))


def _glosses(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("data.*")):
        for line in path.read_text("latin-1").split("\n"):
            yield line.partition("|")[2].strip()


def _sword(folder: Path) -> Iterator[str]:
    """Paragraphs of a compressed text module of the SWORD project, one block a book."""
    for index in sorted(folder.glob("*.bzs")):
        blocks = index.with_suffix(".bzz").read_bytes()
        for start, size, _ in struct.iter_unpack("<III", index.read_bytes()):
            text = zlib.decompress(blocks[start : start + size]).decode("utf-8") if size else ""
            text = re.sub(r"(?s)<(note|title).*?</\1>", " ", text)
            text = re.sub(r" +([,.;:!?”’])", r"\1", _TAG.sub(" ", text))
            for line in re.sub(r"([“‘]) +", r"\1", text).split("\n"):
                if len(line.strip()) > _LEAST_CHARS:
                    yield re.sub(r"\s+", " ", line).strip()


def _unwrapped(text: str) -> str:
    """Paragraphs that were broken into lines, each on one line."""
    return re.sub(r"(?<=\S)\n *(?=\S)", " ", text)
