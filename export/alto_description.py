"""The head of an ALTO file: which scan it is of, and how its text was made."""

from __future__ import annotations

import json
from xml.etree.ElementTree import Element, SubElement

import ocrq
from export.blocks import coordinates_of
from export.clean import clean_text
from export.document import ExportDocument, ExportPage
from ocrq.types import PageResult

#: IDs of the steps.
READING, CORRECTION, EXPORT = "reading", "correction", "export"


def describe(description: Element, document: ExportDocument, page: ExportPage) -> None:
    """Fill the Description of the page's file."""
    SubElement(description, "MeasurementUnit").text = "pixel"
    source = SubElement(description, "sourceImageInformation")
    SubElement(source, "fileName").text = clean_text(document.path_text)
    if document.sha256:
        identifier = SubElement(source, "fileIdentifier", fileIdentifierLocation="sha256")
        identifier.text = document.sha256
    identifier = SubElement(
        source, "documentIdentifier", documentIdentifierLocation="ocrq batch and page id"
    )
    identifier.text = f"{clean_text(document.batch)} {page.page_id}"
    if page.result is not None:
        _describe_reading(description, page, page.result)
    step = _step(description, EXPORT, "postOperation")
    notes = "written as ALTO" if page.result else f"this page has {page.why_unread}"
    SubElement(step, "processingStepDescription").text = notes
    _software(step, "ocrq", ocrq.__version__)


def _describe_reading(description: Element, page: ExportPage, result: PageResult) -> None:
    step = _step(description, READING, "contentGeneration")
    if page.read_at is not None:
        SubElement(step, "processingDateTime").text = page.read_at.isoformat(timespec="seconds")
    for text in (
        coordinates_of(result),
        "WC and GC: probability that the character is right; a word is as sure as its least "
        "certain character.",
    ):
        SubElement(step, "processingStepDescription").text = text
    settings = {
        "options": json.loads(page.options),
        "reading_id": page.reading_id,
        "dpi": result.dpi,
        "dpi_is_estimated": result.dpi_is_estimated,
        "rotation_deg": result.rotation_deg,
        "skew_deg": round(result.skew_deg, 4),
    }
    text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
    SubElement(step, "processingStepSettings").text = clean_text(text)
    engine = result.engine
    _software(step, engine.name, engine.version, f"weights sha256 {engine.weights_sha256}")
    if page.machine_text:
        step = _step(description, CORRECTION, "contentModification")
        SubElement(
            step, "processingStepDescription"
        ).text = "Lines with CS=true were corrected or found right by people."


def _step(description: Element, name: str, category: str) -> Element:
    step = SubElement(description, "Processing", ID=name)
    SubElement(step, "processingCategory").text = category
    return step


def _software(step: Element, name: str, version: str, about: str | None = None) -> None:
    software = SubElement(step, "processingSoftware")
    SubElement(software, "softwareName").text = clean_text(name)
    SubElement(software, "softwareVersion").text = clean_text(version)
    if about:
        SubElement(software, "applicationDescription").text = clean_text(about)
