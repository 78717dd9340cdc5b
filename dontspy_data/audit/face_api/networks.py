"""The four networks, layer by layer as in the npm package's own source.

There they are in `src/xception`, `src/ageGenderNet`, `src/faceFeatureExtractor` and `src/ssdMobilenetv1`.
"""

from typing import Any

import numpy as np

from dontspy_data.audit.face_api.graph import Graph
from dontspy_data.audit.face_api.weights import Array

FACE_SIZE = 112
PICTURE_SIZE = 512
BATCH_NORM_EPSILON = np.float32(0.0010000000474974513)
HALVING_LAYERS = (2, 4, 6, 12)
"""Layers of MobileNet v1 with a stride of 2, besides the first."""


def age_gender_network(arrays: dict[str, Array]) -> Any:
    """A session from faces to (years, probabilities of male and female)."""
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
    return graph.session([years, gender])


def expression_network(arrays: dict[str, Array]) -> Any:
    """A session from faces to probabilities of the seven expressions."""
    graph = Graph([3, FACE_SIZE, FACE_SIZE])
    return graph.session([graph.softmax(_dense_blocks(graph, arrays))])


def landmark_network(arrays: dict[str, Array]) -> Any:
    """A session from faces to 68 points, x and y in turn, in shares of the face's square."""
    graph = Graph([3, FACE_SIZE, FACE_SIZE])
    return graph.session([_dense_blocks(graph, arrays)])


def detection_network(arrays: dict[str, Array]) -> Any:
    """A session from pictures to (box codes, probabilities of a face), one row an anchor."""
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

    return graph.session(
        [predicted("BoxEncodingPredictor", 4), graph.sigmoid(predicted("ClassPredictor", 3))]
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
    """A depthwise layer with its batch normalisation folded into filters and bias."""
    norm = {
        key: arrays[f"{name}/BatchNorm/{key}"] for key in ("gamma", "beta", "moving_mean", "moving_variance")
    }
    factor = norm["gamma"] / np.sqrt(norm["moving_variance"] + BATCH_NORM_EPSILON)
    filters = arrays[f"{name}/depthwise_weights"] * factor[:, np.newaxis]
    bias = norm["beta"] - norm["moving_mean"] * factor
    return graph.relu6(graph.depthwise(x, filters, bias, stride=2 if layer in HALVING_LAYERS else 1))
