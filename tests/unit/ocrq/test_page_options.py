"""Options of pages: when two batches count as read alike."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ocrq.types import PageOptions

_OF_SCHEMA_0001 = (
    '{"alternatives":3,"classes":"ascii","clean":true,"deskew":true,"dpi":null,"engine":"crnn",'
    '"language":"eng","orient":true}'
)


def test_batches_of_schema_0001_go_on_after_an_upgrade() -> None:
    old = hashlib.sha256(f"{_OF_SCHEMA_0001}\nweights".encode()).hexdigest()[:16]
    assert PageOptions.from_json(_OF_SCHEMA_0001).fingerprint("weights") == old


def test_each_option_makes_another_reading() -> None:
    plain = PageOptions()
    others = (
        replace(plain, engine="resnet"),
        replace(plain, dpi=300),
        replace(plain, remove_rules=False),
        replace(plain, rectify=True),
        replace(plain, words="none"),
    )
    found = {options.fingerprint("weights") for options in (plain, *others)}
    assert len(found | {plain.fingerprint("other weights")}) == len(others) + 2
