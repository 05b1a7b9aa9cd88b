"""ALTO: what archives need is where the standard has its place."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from export.alto import alto_chunks
from export.document import ExportPage
from tests.exports import FAILED, READ_AT, document, done, rich_result
from tests.readings import make_result
from tests.xml_schemas import ALTO, check_schema

_NS = "{http://www.loc.gov/standards/alto/ns-v4#}"


def _text(page: ExportPage, path: bytes = b"scans/a.tif") -> str:
    return "".join(alto_chunks(document(page, path=path)))


def _alto(page: ExportPage, path: bytes = b"scans/a.tif") -> Element:
    return ElementTree.fromstring(_text(page, path))


def _all(root: Element, tag: str) -> list[Element]:
    return list(root.iter(_NS + tag))


def _one(root: Element, tag: str) -> Element:
    (found,) = _all(root, tag)
    return found


def test_files_follow_the_official_schema() -> None:
    pages = [
        done(rich_result(), {1: "The corn-", 2: "", 3: "ö m̃ ]]> \x07"}),
        done(make_result("")),
        done(replace(rich_result(), rotation_deg=90, regions=())),
        FAILED,
    ]
    check_schema([_text(page) for page in pages], ALTO)


def test_every_region_has_its_block_in_reading_order() -> None:
    root = _alto(done(rich_result()))
    space = _one(root, "PrintSpace")
    assert [block.tag.removeprefix(_NS) for block in space] == [
        "TextBlock",
        "TextBlock",
        "Illustration",
        "TextBlock",
        "GraphicalElement",
        "ComposedBlock",
        "TextBlock",
        "TextBlock",
    ]
    order = [element.get("REF") for element in _all(root, "ElementRef")]
    assert order == [block.get("ID") for block in space] == [f"block_{n}" for n in range(8)]
    tags = [block.get("TAGREFS") for block in space]
    assert tags[0] == "running_head" and tags[3] == "caption" and tags[6] == "picture_text"
    assert {tag.get("ID") for tag in _all(root, "LayoutTag")} == set(filter(None, tags))
    assert [cell.get("ID") for cell in space[5]] == [
        f"block_5_part_{n}_row_{n // 2}_column_{n % 2}" for n in range(4)
    ]
    assert _one(root, "Page").get("PRINTED_IMG_NR") == "7"


def test_words_and_glyphs_with_their_confidences_and_places() -> None:
    root = _alto(done(make_result("to  be", doubts={(0, 1): 0.0625})))
    first, second = _all(root, "String")
    assert (first.get("CONTENT"), first.get("WC")) == ("to", "0.0625")
    assert (second.get("CONTENT"), second.get("WC")) == ("be", "1")
    assert [first.get(a) for a in ("HPOS", "VPOS", "WIDTH", "HEIGHT")] == ["50", "100", "20", "20"]
    assert [glyph.get("CONTENT") for glyph in first] == ["t", "o"]
    assert [glyph.get("GC") for glyph in first] == ["1", "0.0625"]
    variant = _one(first, "Variant")
    assert (variant.get("CONTENT"), variant.get("VC")) == ("?", "0.9375")
    assert [_one(root, "SP").get(a) for a in ("HPOS", "WIDTH")] == ["70", "20"]
    line = _one(root, "TextLine")
    assert line.get("BASELINE") == "50,120 110,120"


def test_a_divided_word_is_known_whole_on_both_lines() -> None:
    root = _alto(done(make_result("the inter-\nnationali-\nsation of, A-\nB")))
    found = [
        (s.get("CONTENT"), s.get("SUBS_TYPE"), s.get("SUBS_CONTENT"))
        for s in _all(root, "String")
        if s.get("SUBS_TYPE")
    ]
    # The cells of the lines differ from the second on, as in a table.
    assert found == []
    result = make_result("the inter-\nnationali-\nsation of, A-\nB")
    result = replace(result, lines=tuple(replace(line, cell=None) for line in result.lines))
    root = _alto(done(result))
    whole = "internationalisation"
    assert [
        (s.get("CONTENT"), s.get("SUBS_TYPE"), s.get("SUBS_CONTENT")) for s in _all(root, "String")
    ] == [
        ("the", None, None),
        ("inter", "HypPart1", whole),
        ("nationali", "HypPart2", whole),
        ("sation", "HypPart2", whole),
        ("of,", None, None),
        ("A-", None, None),
        ("B", None, None),
    ]
    assert [h.get("CONTENT") for h in _all(root, "HYP")] == ["-", "-"]
    inter = _all(root, "String")[1]
    assert "".join(str(glyph.get("CONTENT")) for glyph in inter) == "inter"


def test_lines_that_people_corrected_or_confirmed_are_marked() -> None:
    root = _alto(done(make_result("one\n\ntwo\n\nthree"), {0: "uno", 1: "two"}))
    assert [line.get("CS") for line in _all(root, "TextLine")] == ["true", "true", None]
    assert [s.get("CONTENT") for s in _all(root, "String")] == ["uno", "two", "three"]
    assert [step.get("ID") for step in _all(root, "Processing")] == [
        "reading",
        "correction",
        "export",
    ]


def test_how_the_page_was_made_can_be_traced() -> None:
    page = done(replace(make_result("text"), rotation_deg=90))
    root = _alto(page, path=b"/scans/<odd> & \xff.tif")
    text = {element.tag.removeprefix(_NS): element.text for element in root.iter()}
    assert text["MeasurementUnit"] == "pixel"
    assert text["fileName"] == "/scans/<odd> & \\xff.tif"
    assert text["fileIdentifier"] == "ab" * 32
    step = _all(root, "Processing")[0]
    words = "\n".join(filter(None, (element.text for element in step.iter())))
    for part in (
        READ_AT.isoformat(),
        "turned clockwise by 90 degrees",
        '"engine": "auto"',
        "resnet",
        "0" * 64,
    ):
        assert part in words
    found = _one(root, "Page")
    assert found.get("WIDTH") == "2000" and found.get("HEIGHT") == "3000"
    assert (found.get("PC"), found.get("ACCURACY")) == ("1", "100")
    assert found.get("ROTATION") == "-0.5000", "the text runs downhill: clockwise"


def test_a_page_without_a_reading_says_why() -> None:
    found = _one(_alto(FAILED), "Page")
    assert len(found) == 0
    assert found.get("PHYSICAL_IMG_NR") == "2"
    assert found.get("QUALITY_DETAIL") == (
        'no reading: failed (truncated: it ends "too early" <&\N{REPLACEMENT CHARACTER})'
    )
