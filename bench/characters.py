"""Characters a second that one core classifies: python -m bench.characters [--float FILE].

Rates are per CPU-second of this process, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from bench.machine import describe_machine
from bench.tables import markdown_table
from pipeline.glyph_image import normalise_glyphs
from pipeline.runtime.classifier import ResNetClassifier, load_classifier
from pipeline.runtime.litert import LiteRTModel
from pipeline.weights import find_model

COUNT = 6000  # characters: three pages
BATCHES = (1, 64, 2000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--float", type=Path, help="a run's float.tflite, to compare with")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    model = find_model("resnet")
    classifiers = {"LiteRT int8": load_classifier(model)}
    if asked.float:
        classifiers["LiteRT float32"] = ResNetClassifier(
            LiteRTModel(asked.float), model.classes, model.temperature, model.reject_index
        )
    crops = [np.random.default_rng(i).integers(0, 255, (30, 24), np.uint8) for i in range(COUNT)]
    pictures = normalise_glyphs(crops)
    rows = []
    for name, classifier in classifiers.items():
        for batch in BATCHES:
            classifier.classify(pictures[:batch])  # the first call of a shape sets up

            def classify(classifier: ResNetClassifier = classifier, batch: int = batch) -> None:
                for start in range(0, COUNT - batch + 1, batch):
                    classifier.classify(pictures[start : start + batch])

            rows.append([f"{name}, {batch} a call", f"{_rate(classify):,.0f}"])
    rows.append(["crop to 32 x 32", f"{_rate(lambda: normalise_glyphs(crops)):,.0f}"])
    print(f"{describe_machine()}; {model.name} {model.version}\n")
    print(markdown_table(["step", "characters a CPU-second"], rows))


def _rate(work: Callable[[], object]) -> float:
    started_s = time.process_time()
    work()
    return COUNT / (time.process_time() - started_s)


if __name__ == "__main__":
    main()
