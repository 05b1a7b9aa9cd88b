"""Engines by name: those that ship with ocrq, and plug-ins as `module:factory`.

Importing this module loads no numpy and no runtime, so submitting stays quick.
"""

from __future__ import annotations

import hashlib
import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Literal, cast

from ocrq.errors import UsageError
from ocrq.types import EngineInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.engines.engine import Engine

#: Name -> (module:factory, names of the models that read).
_BUILT_IN: dict[str, tuple[str, tuple[str, ...]]] = {
    "auto": ("pipeline.engines.auto:make_engine", ("crnn", "hand", "resnet")),
    "crnn": ("pipeline.engines.crnn:make_engine", ("crnn",)),
    "resnet": ("pipeline.engines.resnet:make_engine", ("resnet",)),
}


def engine_names() -> tuple[str, ...]:
    """The engines that ship with ocrq.

    >>> engine_names()
    ('auto', 'crnn', 'resnet')
    """
    return tuple(_BUILT_IN)


def load_engine(name: str, device: Literal["cpu", "gpu"] = "cpu") -> Engine:
    """Load an engine with its weights, in the process that recognises.

    Args:
        name: a name of `engine_names()`, or `module:factory` of a plug-in whose factory takes
            no arguments and returns an `Engine`.
        device: what the engines that ship run on; plug-ins choose for themselves.

    Raises:
        UsageError: there is no such engine.
        ModelError: its weights are missing or damaged.
    """
    module, factory = _find(_BUILT_IN[name][0] if name in _BUILT_IN else name, name)
    make = getattr(module, factory, None)
    if not callable(make):
        raise UsageError(f"engine {name!r}: {module.__name__} has no function {factory!r}")
    if name in _BUILT_IN:
        return cast("Callable[[str], Engine]", make)(device)
    return cast("Callable[[], Engine]", make)()


def engine_info(name: str) -> EngineInfo:
    """Which model would read, without loading it.

    A plug-in module says so in its constant `INFO` and must be cheap to import.

    Raises:
        UsageError: there is no such engine, or a plug-in without `INFO`.
        ModelError: the model's card is missing.
    """
    if name in _BUILT_IN:
        models = _BUILT_IN[name][1]
        infos = [_model_info(model) for model in models]
        return infos[0] if len(infos) == 1 else join_infos(*infos)
    module, _ = _find(name, name)
    info = getattr(module, "INFO", None)
    if not isinstance(info, EngineInfo):
        raise UsageError(f"engine {name!r}: {module.__name__} has no constant INFO (EngineInfo)")
    return info


def _model_info(name: str) -> EngineInfo:
    from pipeline.weights import find_model  # not needed for plug-ins

    model = find_model(name)
    return EngineInfo(name=name, version=model.version, weights_sha256=model.weights_sha256)


def join_infos(*parts: EngineInfo) -> EngineInfo:
    """Several models as one: a reading is traced to all, and other weights make another model."""
    hashes = "\n".join(part.weights_sha256 for part in parts)
    return EngineInfo(
        name="auto",
        version="+".join(f"{part.name}-{part.version}" for part in parts),
        weights_sha256=hashlib.sha256(hashes.encode()).hexdigest(),
    )


def _find(target: str, name: str) -> tuple[ModuleType, str]:
    path, colon, factory = target.partition(":")
    if not (path and colon and factory):
        known = ", ".join(engine_names())
        raise UsageError(
            f"there is no engine {name!r}; known are {known}, and plug-ins as module:factory"
        )
    try:
        return importlib.import_module(path), factory
    except ModuleNotFoundError as exc:
        # A library that the plug-in itself lacks is its own error, not a wrong name.
        if exc.name is None or not (path == exc.name or path.startswith(f"{exc.name}.")):
            raise
        raise UsageError(f"engine {name!r}: there is no module {path!r}") from exc
