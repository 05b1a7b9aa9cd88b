"""A font without ink, for text that is there to be found and selected, not to be seen.

Every character has the same glyph, half an em wide: a stroke from corner to corner without any
breadth. Not an empty one, for PDFium leaves out words of a single letter without extent. What the
character means says the ToUnicode map, so that all of Unicode needs 600 bytes of font.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from export.pdf_file import PdfFile, Ref

NAME = "OcrqInvisible"
ADVANCE = 0.5  # em
ASCENT, DESCENT = 0.8, -0.2  # em
_EM = 1000
_CODES = 0x10000
_MAP_ROWS = 100  # of one bfchar section, at most
#: Codes for characters beyond U+FFFF: those that no character has.
_FIRST_SPARE, _LAST_SPARE = 0xD800, 0xDFFF
_REPLACEMENT = 0xFFFD


class InvisibleFont:
    """Gives codes to characters, and writes the font that explains them."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._spare = _FIRST_SPARE

    def encode(self, text: str) -> str:
        """The codes of a text in hexadecimal, four digits a character.

        >>> font = InvisibleFont()
        >>> font.encode("aé"), font.encode("\N{MATHEMATICAL BOLD CAPITAL A}")
        ('006100E9', 'D800')
        """
        return "".join(f"{self._code(char):04X}" for char in text)

    def _code(self, char: str) -> int:
        code = self._codes.get(char)
        if code is None:
            code = ord(char)
            if code >= _CODES:
                if self._spare > _LAST_SPARE:
                    return _REPLACEMENT
                code, self._spare = self._spare, self._spare + 1
            self._codes[char] = code
        return code

    def write(self, file: PdfFile, ref: Ref) -> Iterator[bytes]:
        """The font and what belongs to it, once all text is written."""
        descendant, descriptor = file.reserve(), file.reserve()
        program, glyphs, meaning = file.reserve(), file.reserve(), file.reserve()
        yield file.object(
            ref,
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": f"/{NAME}",
                "Encoding": "/Identity-H",
                "DescendantFonts": [descendant],
                "ToUnicode": meaning,
            },
        )
        yield file.object(
            descendant,
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": f"/{NAME}",
                "CIDSystemInfo": {
                    "Registry": b"(Adobe)",
                    "Ordering": b"(Identity)",
                    "Supplement": 0,
                },
                "FontDescriptor": descriptor,
                "DW": round(ADVANCE * 1000),
                "CIDToGIDMap": glyphs,
            },
        )
        yield file.object(
            descriptor,
            {
                "Type": "/FontDescriptor",
                "FontName": f"/{NAME}",
                "Flags": 5,  # of one width, symbolic
                "FontBBox": [0, round(DESCENT * 1000), round(ADVANCE * 1000), round(ASCENT * 1000)],
                "ItalicAngle": 0,
                "Ascent": round(ASCENT * 1000),
                "Descent": round(DESCENT * 1000),
                "CapHeight": round(ASCENT * 1000),
                "StemV": 80,
                "FontFile2": program,
            },
        )
        data = font_program()
        yield file.stream(program, data, {"Length1": len(data)})
        yield file.stream(glyphs, b"\x00\x01" * _CODES, {})
        yield file.stream(meaning, self._to_unicode().encode("ascii"), {})

    def _to_unicode(self) -> str:
        rows = [
            f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>"
            for char, code in sorted(self._codes.items(), key=lambda item: item[1])
        ]
        sections = (
            f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n"
            for part in _parts(rows, _MAP_ROWS)
        )
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            + "".join(sections)
            + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        )


def _parts(rows: list[str], size: int) -> Iterable[list[str]]:
    return (rows[k : k + size] for k in range(0, len(rows), size))


def font_program() -> bytes:
    """A TrueType font of a few hundred bytes; always the same."""
    builder = FontBuilder(_EM, isTTF=True)
    names = [".notdef", "blank"]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x20: "blank"})
    pen = TTGlyphPen(None)
    pen.moveTo((0, round(DESCENT * _EM)))
    pen.lineTo((round(ADVANCE * _EM), round(ASCENT * _EM)))
    pen.closePath()
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "blank": pen.glyph()})
    builder.setupHorizontalMetrics({name: (round(ADVANCE * _EM), 0) for name in names})
    builder.setupHorizontalHeader(ascent=round(ASCENT * _EM), descent=round(DESCENT * _EM))
    builder.setupNameTable({"familyName": NAME, "styleName": "Regular", "psName": NAME})
    builder.setupOS2(sTypoAscender=round(ASCENT * _EM), sTypoDescender=round(DESCENT * _EM))
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    output = io.BytesIO()
    builder.font.save(output)
    return output.getvalue()
