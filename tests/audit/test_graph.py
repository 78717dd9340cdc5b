"""Layers as ONNX: the same numbers as TensorFlow's definitions, worked out naively."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dontspy_data.audit.face_api.graph import Graph

RANDOM = np.random.default_rng(1)


def floats(*shape: int) -> NDArray[np.float32]:
    return RANDOM.normal(size=shape).astype(np.float32)


def windows(x: NDArray[Any], stride: int, fill: float) -> NDArray[Any]:
    """3 by 3 windows under TensorFlow's `same`: total padding max((out - 1) * stride + 3 - in, 0), odd one after."""
    size = x.shape[0]
    out = -(-size // stride)
    total = max((out - 1) * stride + 3 - size, 0)
    sides = (total // 2, total - total // 2)
    padded = np.pad(x, (sides, sides, (0, 0)), constant_values=fill)
    return np.array(
        [
            [padded[r * stride : r * stride + 3, c * stride : c * stride + 3] for c in range(out)]
            for r in range(out)
        ]
    )


def run(graph: Graph, output: str, x: NDArray[np.float32]) -> NDArray[np.float32]:
    (result,) = graph.session([output]).run(None, {"input": x.transpose(2, 0, 1)[np.newaxis]})
    return result[0].transpose(1, 2, 0) if result.ndim == 4 else result[0]


@pytest.mark.parametrize("stride", [1, 2])
def test_a_convolution_pads_as_tensorflow_does(stride: int) -> None:
    x, filters, bias = floats(8, 8, 3), floats(3, 3, 3, 5), floats(5)
    graph = Graph([3, 8, 8])
    found = run(graph, graph.conv(graph.input, filters, bias, stride=stride), x)
    expected = np.einsum("rcijk,ijko->rco", windows(x, stride, 0), filters) + bias
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_depthwise_convolution_keeps_channels_apart(stride: int) -> None:
    x, filters, bias = floats(8, 8, 4), floats(3, 3, 4, 1), floats(4)
    graph = Graph([4, 8, 8])
    found = run(graph, graph.depthwise(graph.input, filters, bias, stride=stride), x)
    expected = np.einsum("rcijk,ijk->rck", windows(x, stride, 0), filters[..., 0]) + bias
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_pointwise_convolution_with_a_stride_takes_every_second_pixel() -> None:
    x, filters = floats(8, 8, 3), floats(1, 1, 3, 2)
    graph = Graph([3, 8, 8])
    found = run(graph, graph.conv(graph.input, filters, np.zeros(2, np.float32), stride=2), x)
    np.testing.assert_allclose(found, x[::2, ::2] @ filters[0, 0], atol=1e-5)


def test_the_maximum_does_not_take_padding_for_a_value() -> None:
    x = -np.abs(floats(6, 6, 2)) - 1
    graph = Graph([2, 6, 6])
    found = run(graph, graph.max_pool(graph.input), x)
    np.testing.assert_array_equal(found, windows(x, 2, -np.inf).max(axis=(2, 3)))


def test_the_other_layers() -> None:
    x = floats(4, 4, 3) * 10
    graph = Graph([3, 4, 4])
    clipped = graph.relu6(graph.input)
    np.testing.assert_allclose(run(graph, clipped, x), np.clip(x, 0, 6))
    np.testing.assert_allclose(
        run(graph, graph.add(clipped, graph.relu(graph.input), graph.input), x),
        np.clip(x, 0, 6) + np.maximum(x, 0) + x,
        rtol=1e-5,
    )
    weights, bias = floats(3, 2), floats(2)
    dense = graph.dense(graph.mean(graph.input), weights, bias)
    values = x.mean(axis=(0, 1)) @ weights + bias
    np.testing.assert_allclose(run(graph, dense, x), values, rtol=1e-4)
    np.testing.assert_allclose(run(graph, graph.sigmoid(dense), x), 1 / (1 + np.exp(-values)), atol=1e-6)
    shares = np.exp(values - values.max())
    np.testing.assert_allclose(run(graph, graph.softmax(dense), x), shares / shares.sum(), atol=1e-6)


def test_maps_become_rows_by_place_then_anchor() -> None:
    x = np.arange(2 * 2 * 6, dtype=np.float32).reshape(2, 2, 6)
    graph = Graph([6, 2, 2])
    rows = graph.rows(graph.input, 3)
    found = run(graph, graph.concat([rows, rows]), x)
    np.testing.assert_array_equal(found, np.tile(x.reshape(8, 3), (2, 1)))
