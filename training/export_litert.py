"""Turning a trained Keras model into LiteRT files."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Collection, Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.layer_inputs import Window, gather
from training.rounding import Moments, int8_scales, mean_shift, rounded

Singles = npt.NDArray[np.float32]

# Numbers of the LiteRT schema.
_CONV_2D: Final = 3
_FLOAT32: Final = 0
_INT8: Final = 9
_SAME_PADDING: Final = 0


def export_float(model: Any, path: Path) -> None:
    """Write a float32 LiteRT file with the inputs and outputs of the model."""
    path.write_bytes(convert_float(model))


def convert_float(model: Any) -> bytes:
    """A float32 file: the reference that quantised ones are held against."""
    import tensorflow as tf

    return _convert(tf.lite.TFLiteConverter.from_keras_model(model))


def convert_mixed(
    model: Any, keep_float: Collection[str] = (), pictures: Sequence[Singles] = ()
) -> bytes:
    """A file with int8 weights in its convolutions, whose inputs are quantised as they come.

    Float32 in and out. "Dynamic range": XNNPACK brings the input of a layer to 8 bits, row by row
    of the batch, and computes in integers. TensorFlow's own converter does it to depthwise
    convolutions as well, for which XNNPACK has no such kernel: the graph falls apart between two
    sets of kernels, and a quarter of the speed is lost (docs/decisions/0016).

    Args:
        model: Keras model.
        keep_float: layers whose name holds one of these stay float; depthwise ones always do.
        pictures: (1, H, W, C) inputs, ink 1 on paper 0, by which weights are rounded.
    """
    return quantise_convolutions(convert_float(model), keep_float, pictures)


def convert_int8(model: Any, samples: Iterable[npt.NDArray[np.float32]]) -> bytes:
    """The int8 file of a model: uint8 pixels in, float32 logits out.

    Args:
        model: Keras model of one input in 0..1.
        samples: inputs of one row; their activations set the ranges.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    # Pixels go in as they are: 0..255 is 0..1 at a scale of 1/255.
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32
    return _convert(converter)


def quantise_convolutions(
    float_file: bytes, keep_float: Collection[str] = (), pictures: Sequence[Singles] = ()
) -> bytes:
    """The float file with the weights of its convolutions in int8, one scale an output channel.

    Args:
        float_file: what `convert_float` gives.
        keep_float: layers whose name holds one of these stay as they are; depthwise ones always do.
        pictures: (1, H, W, C) inputs by which weights are rounded so that the outputs stay; without
            any, each weight is rounded for itself.

    Returns:
        A LiteRT file, float32 in and out.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    with contextlib.redirect_stdout(io.StringIO()):
        model: Any = flatbuffer_utils.convert_bytearray_to_object(bytearray(float_file))
    chosen = [
        (graph, operator)
        for graph in model.subgraphs
        for operator in graph.operators
        if model.operatorCodes[operator.opcodeIndex].builtinCode == _CONV_2D
        and graph.tensors[operator.inputs[1]].type == _FLOAT32
        and not any(kept in _name_of(graph, operator) for kept in keep_float)
    ]
    seen: list[Moments | None] = [None] * len(chosen)
    if pictures:
        seen = [*gather(float_file, [_looked_at(*layer) for layer in chosen], pictures)]
    for (graph, operator), moments in zip(chosen, seen, strict=True):
        _quantise(model, graph, operator, moments)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _name_of(graph: Any, operator: Any) -> str:
    name: str = graph.tensors[operator.outputs[0]].name.decode()
    return name


def _looked_at(graph: Any, operator: Any) -> tuple[int, Window]:
    """The tensor that a convolution looks at, and how."""
    options = operator.builtinOptions
    _, rows, columns, _ = graph.tensors[operator.inputs[1]].shape
    window = Window(
        kernel=(int(rows), int(columns)),
        strides=(options.strideH, options.strideW),
        is_padded=options.padding == _SAME_PADDING,
    )
    return int(operator.inputs[0]), window


def _quantise(model: Any, graph: Any, operator: Any, seen: Moments | None) -> None:
    from tensorflow.lite.python import schema_py_generated as schema

    weights = graph.tensors[operator.inputs[1]]
    buffer = model.buffers[weights.buffer]
    values = np.frombuffer(bytes(buffer.data), np.float32).reshape(weights.shape)
    scales = int8_scales(values)
    numbers = rounded(values, scales, seen)
    buffer.data = numbers.tobytes()
    weights.type = _INT8
    weights.quantization = schema.QuantizationParametersT()
    weights.quantization.scale = scales.tolist()
    weights.quantization.zeroPoint = [0] * len(scales)
    weights.quantization.quantizedDimension = 0
    if seen is not None:
        _shift(model, graph, operator, mean_shift(values, numbers, scales, seen))


def _shift(model: Any, graph: Any, operator: Any, shift: Singles) -> None:
    """Add to what a layer adds to its outputs, in a tensor of its own: equal ones are shared."""
    bias = copy(graph.tensors[operator.inputs[2]])
    buffer = copy(model.buffers[bias.buffer])
    buffer.data = (np.frombuffer(bytes(buffer.data), np.float32) + shift).tobytes()
    bias.buffer = len(model.buffers)
    model.buffers.append(buffer)
    operator.inputs[2] = len(graph.tensors)
    graph.tensors.append(bias)


def _convert(converter: Any) -> bytes:
    # Keras prints what it saves on the way, and stdout is for results. The warning asks for
    # ranges of the input, which the representative pictures give.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
        return bytes(converter.convert())
