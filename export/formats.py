"""The formats by name; each turns a document into the content of one file, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

from export.alto import alto_chunks
from export.csv_chars import csv_chunks
from export.document import ExportDocument
from export.hocr import hocr_chunks
from export.json_page import json_chunks
from export.page_xml import page_xml_chunks
from export.txt import txt_chunks

Chunks = Iterator[str] | Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How documents become files."""

    write: Callable[[ExportDocument], Chunks]
    extension: str
    #: A file a page, as archives want it; `write` is given documents of one page then.
    is_per_page: bool = False
    #: Says for a page without a reading why it has none; written also when no page has one.
    tells_why: bool = False
    #: Holds the scan's pictures.
    needs_scan: bool = False

    def file_name(self, stem: str, page: int, page_count: int) -> str:
        r"""The name of a file.

        The number comes after the format's name: were it before, page 1 of `a.tif` would have
        the name of `a_0001.tif`.

        Args:
            stem: of the document's files.
            page: its number, from 1.
            page_count: of the document.

        >>> [FORMATS["alto"].file_name("a", page, count) for page, count in ((1, 1), (2, 12))]
        ['a.alto.xml', 'a.alto.0002.xml']
        >>> FORMATS["txt"].file_name("a", 1, 12)
        'a.txt'
        """
        if not self.is_per_page or page_count <= 1:
            return f"{stem}.{self.extension}"
        kind, _, suffix = self.extension.partition(".")
        return f"{stem}.{kind}.{page:04d}.{suffix}"

    def names_of_more_pages(self, stem: str, page_count: int) -> Iterator[str]:
        """The names that files would have if the document had other pages, without end.

        >>> names = FORMATS["alto"].names_of_more_pages("a", 2)
        >>> next(names), next(names), next(names)
        ('a.alto.xml', 'a.alto.0003.xml', 'a.alto.0004.xml')
        >>> next(FORMATS["alto"].names_of_more_pages("a", 1))
        'a.alto.0001.xml'
        """
        if page_count > 1:
            yield self.file_name(stem, 1, 1)
        for page in count(page_count + 1 if page_count > 1 else 1):
            yield self.file_name(stem, page, page + 1)


def _pdf(document: ExportDocument) -> Iterator[bytes]:
    from export.pdf import pdf_chunks  # loads fontTools: 0.1 s and 15 MB that only a PDF needs

    return pdf_chunks(document)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "txt": Format(write=txt_chunks, extension="txt"),
        "json": Format(write=json_chunks, extension="json", tells_why=True),
        "csv": Format(write=csv_chunks, extension="csv"),
        "hocr": Format(write=hocr_chunks, extension="hocr", tells_why=True),
        "alto": Format(write=alto_chunks, extension="alto.xml", is_per_page=True, tells_why=True),
        "page": Format(
            write=page_xml_chunks, extension="page.xml", is_per_page=True, tells_why=True
        ),
        "pdf": Format(write=_pdf, extension="pdf", needs_scan=True),
    }
)
