"""Running text out of catalogues of translations."""

from __future__ import annotations

import struct
from pathlib import Path

from training.language.translations import translations_of


def catalogue(path: Path, messages: dict[str, str]) -> None:
    """A file as msgfmt writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    pairs = sorted((k.encode(), v.encode()) for k, v in (header | messages).items())
    places, data = b"", b""
    start = 28 + 16 * len(pairs)
    for side in (0, 1):
        for pair in pairs:
            places += struct.pack("<II", len(pair[side]), start + len(data))
            data += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    path.write_bytes(head + places + data)


def test_sentences_of_each_language(tmp_path: Path) -> None:
    folder = tmp_path / "usr/share/locale"
    said = {"This sentence": f"Šis sakinys _turi {'ąčę' * 9} raides"}
    long = {f"file {k}": "Nepavyko atverti failo, kuriame yra " + "žodžiai " * k for k in range(99)}
    catalogue(
        folder / "lt/LC_MESSAGES/a.mo",
        said | long | {"Not translated at all": "Not translated at all"},
    )
    catalogue(folder / "pt_BR/LC_MESSAGES/a.mo", said | long)
    catalogue(folder / "ru/LC_MESSAGES/a.mo", {k: "Не удалось открыть файл " * 9 + k for k in long})
    catalogue(folder / "da/LC_MESSAGES/a.mo", said)
    (folder / "lt/LC_MESSAGES/b.mo").write_bytes(b"no catalogue")
    found = dict(translations_of(tmp_path))
    assert list(found) == ["lt"], "no countries, no other letters, nothing short"
    assert "Šis sakinys turi" in found["lt"] and "Not translated" not in found["lt"]
