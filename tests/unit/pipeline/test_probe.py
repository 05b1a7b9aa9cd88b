from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.probe import Probe, probe_file
from pipeline.scans.kinds import MediaType
from tests.bad_files import image_bytes, pdf
from tests.drawing import make_page

LIMITS = Limits()


def probe(path: Path, limits: Limits = LIMITS) -> Probe:
    return probe_file(os.fspath(path), limits, root=os.fspath(path.parent))


def write_tiff(path: Path, sizes: list[tuple[int, int]]) -> None:
    images = [Image.new("L", size, 255) for size in sizes]
    images[0].save(path, save_all=True, append_images=images[1:])


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", MediaType.PNG),
        ("JPEG", MediaType.JPEG),
        ("TIFF", MediaType.TIFF),
        ("BMP", MediaType.BMP),
        ("WEBP", MediaType.WEBP),
        ("PDF", MediaType.PDF),
    ],
)
def test_formats_are_told_by_content(tmp_path: Path, kind: str, media_type: MediaType) -> None:
    path = tmp_path / "scan.of.something"
    path.write_bytes(image_bytes(kind))
    found = probe(path)
    assert found.media_type is media_type
    assert len(found.pages) == 1
    assert found.pages[0].error_code is None
    if kind != "PDF":
        assert (found.pages[0].width_px, found.pages[0].height_px) == (360, 216)
    assert (found.size_bytes, found.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)


def test_a_tiff_with_one_broken_page(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write_tiff(path, [(10, 20), (30, 40), (50, 60)])
    data = path.read_bytes()
    with TiffImagePlugin.TiffImageFile(path) as image:
        image.seek(1)
        (offset,) = image.tag_v2[273]
    path.write_bytes(data.replace(offset.to_bytes(4, "little"), b"\xff\xff\xff\x7f"))
    pages = probe(path).pages
    assert [page.error_code for page in pages] == [None, "truncated", None]
    assert pages[1].error is not None
    assert "page 2 of a.tif" in pages[1].error


def test_pages_before_a_damaged_directory_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write_tiff(path, [(10, 20), (30, 40)])
    data = bytearray(path.read_bytes())
    with TiffImagePlugin.TiffImageFile(path) as image:
        following = image.tag_v2.next
    data[following : following + 2] = b"\0\0"  # a directory without entries
    path.write_bytes(data)
    assert [page.error_code for page in probe(path).pages] == [None, "unreadable"]


@pytest.mark.parametrize("name", ["a.tif", "a.pdf"])
def test_too_many_pages(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.tif":
        write_tiff(path, [(4, 4)] * 5)
    else:
        path.write_bytes(pdf([b""] * 5))
    assert len(probe(path, Limits(max_pages=5)).pages) == 5
    with pytest.raises(PageError) as caught:
        probe(path, Limits(max_pages=4))
    assert caught.value.code == "too_many_pages"


def test_one_page_too_large_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write_tiff(path, [(10, 20), (300, 400)])
    pages = probe(path, Limits(max_pixels=1000)).pages
    assert [page.error_code for page in pages] == [None, "page_too_large"]
    assert pages[1].megapixels == 0.12


def test_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(image_bytes("PNG"))
    with pytest.raises(PageError) as caught:
        probe(path, Limits(max_bytes=100))
    assert caught.value.code == "file_too_large"


def test_links_inside_the_tree_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.png").write_bytes(image_bytes("PNG"))
    (tmp_path / "link.png").symlink_to("real/a.png")
    (tmp_path / "folder").symlink_to("real")
    for name in ("link.png", "folder/a.png"):
        assert len(probe_file(tmp_path.as_posix() + "/" + name, LIMITS, root=bytes(tmp_path)).pages)


def test_a_linked_folder_that_leads_out(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.png").write_bytes(image_bytes("PNG"))
    (inside / "folder").symlink_to(outside)
    with pytest.raises(PageError) as caught:
        probe_file(os.fspath(inside / "folder" / "a.png"), LIMITS, root=os.fspath(inside))
    assert caught.value.code == "symlink_outside"
    assert probe_file(os.fspath(inside / "folder" / "a.png"), LIMITS).pages  # no root: followed


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(image_bytes("PNG"))
    path.chmod(0)
    with pytest.raises(PageError) as caught:
        probe(path)
    assert caught.value.code == "no_permission"


def test_rubbish_after_the_end_does_not_matter(tmp_path: Path) -> None:
    for kind in ("PNG", "JPEG", "BMP", "WEBP", "PDF"):
        path = tmp_path / kind
        path.write_bytes(image_bytes(kind) + b"\0" * 3000)
        assert [page.error_code for page in probe(path).pages] == [None], kind


def test_a_linearised_pdf_that_broke_off(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    start = b"%PDF-1.4\n1 0 obj\n<< /Linearized 1 /L 54321 /N 2 >>\nendobj\nstartxref\n0\n%%EOF\n"
    path.write_bytes(start + pdf([b""]))
    with pytest.raises(PageError) as caught:
        probe(path)
    assert caught.value.code == "truncated"


def test_sizes_of_pdf_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([b"", b""], size_pt=(595.2, 841.92), rotate_deg=90))
    found = probe(path)
    assert [(page.width_px, page.height_px) for page in found.pages] == [(3508, 2480)] * 2


def test_a_scan_that_was_put_into_a_pdf_pixel_by_point(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    Image.fromarray(make_page(dpi=300, size_in=(8, 11))).save(path, resolution=72)
    page = probe(path).pages[0]
    assert (page.width_px, page.height_px) == (2400, 3300)


def test_probing_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(image_bytes("PNG"))
    code = (
        "import sys; from pipeline.probe import probe_file; from pipeline.limits import Limits\n"
        f"probe_file({os.fspath(tmp_path / 'a.png')!r}, Limits())\n"
        "sys.exit(bool({'numpy', 'cv2', 'pypdfium2', 'tensorflow'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("back_to", [0, 1])
def test_a_tiff_whose_pages_go_in_a_circle_has_a_failed_page_for_what_is_lost(
    tmp_path: Path, back_to: int
) -> None:
    path = tmp_path / "circle.tif"
    frames = [Image.new("L", (40, 30), shade) for shade in (250, 200, 150)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    data = bytearray(path.read_bytes())
    order = "<" if data[:2] == b"II" else ">"
    offsets, links = [], [4]  # where each list of tags begins, and where that is written
    while offset := struct.unpack_from(f"{order}I", data, links[-1])[0]:
        offsets.append(offset)
        (tags,) = struct.unpack_from(f"{order}H", data, offset)
        links.append(offset + 2 + 12 * tags)
    assert len(offsets) == 3
    struct.pack_into(f"{order}I", data, links[2], offsets[back_to])  # instead of page 3
    path.write_bytes(data)
    found = probe_file(str(path), LIMITS)
    assert [page.error_code for page in found.pages] == [None, None, "unreadable"]
    assert "leads back" in str(found.pages[2].error)
