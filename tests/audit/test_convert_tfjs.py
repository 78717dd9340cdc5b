"""Graphs of TensorFlow.js as ONNX: the same sums, and only what leads to the outputs that are wanted."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed; the extra dev brings it")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed; the extra audit brings it")

import onnxruntime

from scripts.convert_tfjs import NETWORKS, Network, convert, read_network, read_weights

RANDOM = np.random.default_rng(7)


def text(value: str) -> dict[str, str]:
    return {"s": base64.b64encode(value.encode()).decode()}


def numbers(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


def node(name: str, op: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": attributes}


INPUT = node("image", "Placeholder", shape={"shape": {"dim": [{"size": str(n)} for n in (-1, 5, 6, 2)]}})
CONV = {
    "strides": numbers(1, 2, 2, 1),
    "padding": text("SAME"),
    "fused_ops": {"list": {"s": [text("BiasAdd")["s"], text("Relu")["s"]]}},
}


def run(nodes: list[dict[str, Any]], weights: dict[str, np.ndarray], image: np.ndarray, *outputs: str) -> Any:
    constants = [node(name, "Const") for name in weights]
    model = convert({"node": [INPUT, *constants, *nodes]}, weights, outputs or ("out",))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"input": image.astype(np.float32)})


def test_a_convolution_pads_below_and_to_the_right() -> None:
    image, filters = RANDOM.normal(size=(2, 5, 6, 2)), RANDOM.normal(size=(3, 3, 2, 4)).astype(np.float32)
    bias = RANDOM.normal(size=4).astype(np.float32)
    (found,) = run(
        [node("out", "_FusedConv2D", "image", "filters", "bias", **CONV)],
        {"filters": filters, "bias": bias},
        image,
    )
    # 5 rows by 3 with a stride of 2 need one row on either side; 6 columns one to the right.
    padded = np.pad(image, [(0, 0), (1, 1), (0, 1), (0, 0)])
    for y in range(3):
        for x in range(3):
            cut = padded[:, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3]
            wanted = np.maximum(np.einsum("bijc,ijco->bo", cut, filters) + bias, 0)
            assert found[:, y, x] == pytest.approx(wanted, abs=1e-4)


def test_depthwise_filters_multiply_channels() -> None:
    image, filters = RANDOM.normal(size=(1, 5, 6, 2)), RANDOM.normal(size=(1, 1, 2, 3)).astype(np.float32)
    attributes = {"strides": numbers(1, 1, 1, 1), "padding": text("VALID")}
    (found,) = run([node("out", "DepthwiseConv2dNative", "image", "f", **attributes)], {"f": filters}, image)
    wanted = (image[..., :, np.newaxis] * filters[0, 0]).reshape(1, 5, 6, 6)
    assert found == pytest.approx(wanted, abs=1e-5)


def test_slices_shapes_and_means_are_numpys() -> None:
    image = RANDOM.normal(size=(3, 5, 6, 2))
    masks = {"begin_mask": {"i": "1"}, "end_mask": {"i": "1"}, "shrink_axis_mask": {"i": "2"}}
    integers = {
        "axes": np.array([1, 2], dtype=np.int32),
        "begin": np.array([0, 1], dtype=np.int32),
        "end": np.array([0, 2], dtype=np.int32),
        "strides": np.array([1, 1], dtype=np.int32),
        "last": np.array(1, dtype=np.int32),
        "paddings": np.array([[0, 0], [2, 1]], dtype=np.int32),
    }
    nodes = [
        node("mean", "Mean", "image", "axes", keep_dims={"b": False}),
        node("column", "StridedSlice", "mean", "begin", "end", "strides", **masks),
        node("more", "ExpandDims", "column", "last"),
        node("out", "Pad", "more", "paddings"),
    ]
    (found,) = run(nodes, integers, image)
    wanted = np.pad(image.mean(axis=(1, 2))[:, 1:2], [(0, 0), (2, 1)])
    assert found == pytest.approx(wanted, abs=1e-6)


def test_what_does_not_lead_to_an_output_is_not_converted() -> None:
    weights = {"wanted": np.ones(2, dtype=np.float32), "unwanted": np.full(2, 7, dtype=np.float32)}
    nodes = [
        node("out", "Mul", "image", "wanted"),
        node("race_output", "Unheard", "image", "unwanted"),
    ]
    constants = [node(name, "Const") for name in weights]
    model = convert({"node": [INPUT, *constants, *nodes]}, weights, ["out"])
    assert len(model.graph.initializer) == 1
    assert [each.op_type for each in model.graph.node] == ["Mul", "Identity"]
    with pytest.raises(SystemExit, match="Unheard"):
        convert({"node": [INPUT, *constants, *nodes]}, weights, ["race_output"])


def test_weights_of_sixteen_bits_become_thirty_two() -> None:
    halves = np.array([0.5, -2, 65504], dtype="<f2")
    ints = np.array([3, -1], dtype="<i4")
    groups = [
        {"weights": [{"name": "a", "shape": [3], "dtype": "float32", "quantization": {"dtype": "float16"}}]},
        {"weights": [{"name": "b", "shape": [2, 1], "dtype": "int32"}]},
    ]
    found = read_weights(halves.tobytes() + ints.tobytes(), groups)
    assert (found["a"].dtype, found["a"].tolist()) == (np.float32, [0.5, -2, 65504])
    assert found["b"].tolist() == [[3], [-1]]


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(
        json.dumps({"modelTopology": {"node": []}, "weightsManifest": [{"paths": ["a.bin"], "weights": []}]})
    )
    (tmp_path / "a.bin").write_bytes(b"other")
    network = Network("model.json", hashlib.sha256(b"checked").hexdigest(), ())
    with pytest.raises(SystemExit, match=r"model\.json"):
        read_network(network, tmp_path)


def test_no_output_is_a_descriptor_or_a_race() -> None:
    outputs = {name: network.outputs for name, network in NETWORKS.items()}
    assert "global_pooling/Mean" not in outputs["human/age_gender"]
    assert outputs["gear/age_gender"] == ("Identity", "Identity_1")  # age and gender; Identity_2 is the race
