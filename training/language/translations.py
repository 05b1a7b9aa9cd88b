"""Running text of forty languages out of the translations of installed programs.

What programs say is no literature, but it has the words, the letters and the endings of languages
that no other Debian package has a text in. None of it goes into the project.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.vocabulary import spell, unknown
from training.language.debian_texts import prose

#: A language is left out that has less text than this.
_LEAST_CHARS = 20_000
_LANGUAGE = re.compile(r"[a-z]{2,3}")  # no countries: pt_BR says what pt says
_KEY_MARK = re.compile(r"[_&](?=\w)")  # before the letter that calls a menu


def translations_of(root: Path) -> Iterator[tuple[str, str]]:
    """Code and running text of each language with letters that the recogniser knows.

    Args:
        root: `/`, or what `dpkg-deb -x PACKAGE.deb ROOT` filled.
    """
    for folder in sorted((root / "usr/share/locale").glob("*/LC_MESSAGES")):
        language = folder.parent.name
        if not _LANGUAGE.fullmatch(language):
            continue
        said = "\n".join(line for path in sorted(folder.glob("*.mo")) for line in _said(path))
        known = (line for line in prose(said).split("\n") if not unknown(spell(line)))
        text = "\n".join(known)
        if len(text) >= _LEAST_CHARS:
            yield language, text


def _said(path: Path) -> Iterator[str]:
    """Each translated sentence of a catalogue; none of a file that is no catalogue."""
    try:
        with path.open("rb") as file:
            # Messages can be asked for one by one; only this attribute lists them.
            messages = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    except (OSError, ValueError, IndexError):  # a header that the library cannot read, too
        return
    for original, translated in messages.items():
        if original and isinstance(translated, str) and translated != original:
            yield _KEY_MARK.sub("", translated)
