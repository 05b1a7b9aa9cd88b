from __future__ import annotations

from export.names import export_names, newest_names


def _stems(*paths: bytes) -> list[bytes]:
    return [n.stem for n in export_names(paths)]


def test_stems_that_clash_get_a_suffix_and_are_reported() -> None:
    names = list(export_names([b"x/a.tif", b"y/a.tif", b"a.pdf"]))
    assert [(n.stem, n.is_renamed) for n in names] == [
        (b"a", False),
        (b"a-2", True),
        (b"a-3", True),
    ]


def test_capitals_do_not_make_two_names() -> None:
    assert _stems(b"Scan.tif", b"scan.tif", "É.tif".encode(), "é.tif".encode()) == [
        b"Scan",
        b"scan-2",
        "É".encode(),
        "é-2".encode(),
    ]


def test_a_suffix_never_takes_the_name_of_another_scan() -> None:
    assert _stems(b"a-2.tif", b"a.tif", b"a.pdf") == [b"a-2", b"a", b"a-3"]


def test_appended_documents_do_not_rename_earlier_ones() -> None:
    first = _stems(b"x/a.tif", b"y/a.tif")
    assert _stems(b"x/a.tif", b"y/a.tif", b"z/a.tif", b"a-2.tif")[:2] == first


def test_names_that_are_not_utf8_stay_bytes() -> None:
    assert _stems(b"caf\xe9.tif") == [b"caf\xe9"]


def test_hidden_and_long_names_make_files_that_a_disk_takes() -> None:
    assert _stems(b".hidden", b"no-extension") == [b".hidden", b"no-extension"]
    (stem,) = _stems("é".encode() * 126 + b".tif")
    assert len(stem) <= 231
    assert stem.decode() == "é" * (len(stem) // 2)


def test_the_newest_scan_of_a_file_has_its_name_and_no_other_name_changes() -> None:
    before = [b"x/a.tif", b"y/a.tif"]
    again = [*before, b"x/a.tif", b"z/a.tif", b"x/a.tif"]
    stems = [name and name.stem for name in newest_names(again)]
    assert stems == [None, b"a-2", None, b"a-4", b"a"]
    assert [name and name.stem for name in newest_names(before)] == [b"a", b"a-2"]
    assert [_stems(*again)[place] for place in (1, 3)] == [b"a-2", b"a-4"]


def test_no_scan_takes_the_name_of_the_list() -> None:
    assert _stems(b"ocrq-export.tif", b"x/Ocrq-Export.pdf") == [b"ocrq-export-2", b"Ocrq-Export-3"]


def test_many_clashes_are_quick() -> None:
    stems = _stems(*[b"%d/scan.tif" % i for i in range(3000)])
    assert len(set(stems)) == 3000
