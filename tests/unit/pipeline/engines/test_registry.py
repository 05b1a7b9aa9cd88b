from __future__ import annotations

import subprocess
import sys

import pytest

from ocrq.errors import UsageError
from ocrq.types import PageOptions
from pipeline.engines.registry import engine_info, engine_names, load_engine

PLUG_INS = ["abort", "crash", "empty", "fake", "hang", "nan", "oom", "raises", "slow"]


@pytest.mark.parametrize("name", PLUG_INS)
def test_plug_in_engines_load_by_module_and_factory(name: str) -> None:
    target = f"tests.engines.{name}:make_engine"

    engine = load_engine(target)

    assert engine.info == engine_info(target)
    assert engine.info.name == name


@pytest.mark.parametrize("name", engine_names())
def test_what_ships_is_named_before_it_is_loaded_as_it_names_itself(name: str) -> None:
    """A submit notes the model that a worker then reads with."""
    assert engine_info(name) == load_engine(name).info


@pytest.mark.parametrize("target", ["tesseract", "fake:", ":make_engine", ""])
def test_an_unknown_engine_is_named_together_with_the_known(target: str) -> None:
    for ask in (load_engine, engine_info):
        with pytest.raises(UsageError, match=r"there is no engine .*resnet.*module:factory"):
            ask(target)


def test_a_plug_in_without_its_parts_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no function 'nothing'"):
        load_engine("tests.engines.fake:nothing")
    with pytest.raises(UsageError, match=r"no module 'tests\.engines\.nowhere'"):
        load_engine("tests.engines.nowhere:make_engine")
    with pytest.raises(UsageError, match="no constant INFO"):
        engine_info("ocrq.types:Box")


def test_the_raising_engine_raises_and_the_empty_one_finds_nothing() -> None:
    with pytest.raises(RuntimeError, match="bug"):
        load_engine("tests.engines.raises:make_engine").read([], PageOptions())
    assert load_engine("tests.engines.raises:make_picky").read([], PageOptions()) == []
    assert load_engine("tests.engines.empty:make_engine").read([], PageOptions()) == []


def test_the_registry_loads_neither_numpy_nor_a_runtime() -> None:
    code = (
        "import sys, pipeline.engines.registry; "
        "print([m for m in ('numpy', 'cv2', 'tensorflow', 'ai_edge_litert') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
