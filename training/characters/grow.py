"""Beginning from trained weights, of the same network or of a shallower one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ocrq.errors import UsageError


def begin_from(model: Any, path: Path) -> None:
    """Give a model the weights of a model.keras of the same network or of a shallower small one.

    Blocks that a deeper network has more begin as the identity: the last scale of each is nought,
    so that the deeper one answers exactly as the shallower did (Goyal et al. 2017 begin so too).

    Raises:
        UsageError: the file is no such model.
    """
    import keras

    try:
        trained = keras.saving.load_model(path, compile=False, safe_mode=True)
        if len(trained.weights) == len(model.weights):
            model.set_weights(trained.get_weights())
        else:
            _grow(model, trained)
    except (OSError, ValueError) as exc:
        raise UsageError(f"{path}: cannot begin from this model: {exc}") from exc


def _grow(model: Any, trained: Any) -> None:
    """Fill each stage from its first block on; blocks beyond those of `trained` become identity."""
    stages, sources = _stages(model), _stages(trained)
    if stages.keys() != sources.keys():
        raise ValueError(f"its stages are {list(sources)} channels wide, not {list(stages)}")
    for width, pairs in stages.items():
        known = sources[width]
        if len(known) > len(pairs):
            raise ValueError(f"it has more blocks of {width} channels than this network")
        for (conv, norm), (conv_source, norm_source) in zip(pairs, known, strict=False):
            conv.set_weights(conv_source.get_weights())
            norm.set_weights(norm_source.get_weights())
        for _, norm in pairs[len(known) + 1 :: 2]:  # the second of each new block
            scale, *others = norm.get_weights()
            norm.set_weights([np.zeros_like(scale), *others])
    model.get_layer("logits").set_weights(trained.get_layer("logits").get_weights())


def _stages(model: Any) -> dict[int, list[tuple[Any, Any]]]:
    """Pairs of a convolution and its normalisation by their width, in the order of building."""
    found: dict[str, list[Any]] = {"Conv2D": [], "BatchNormalization": []}
    for layer in model.layers:
        if type(layer).__name__ in found:
            found[type(layer).__name__].append(layer)
    stages: dict[int, list[tuple[Any, Any]]] = {}
    ordered = (sorted(layers, key=_number) for layers in found.values())
    for conv, norm in zip(*ordered, strict=True):
        stages.setdefault(int(conv.filters), []).append((conv, norm))
    return stages


def _number(layer: Any) -> int:
    """Of a layer with a name that Keras gave: conv2d, conv2d_1 and so on."""
    digits = layer.name.rpartition("_")[2]
    return int(digits) if digits.isdigit() else 0
