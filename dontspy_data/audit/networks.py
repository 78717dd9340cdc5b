"""Networks in ONNX, run by onnxruntime, and the resizing that TensorFlow.js does before it runs them.

Everything is float32, and pictures are height by width by channels.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.audit.model import WEIGHTS_FOLDER, ModelMissingError, Pixels, WeightsFile
from dontspy_data.errors import DontspyError

Values = NDArray[np.float32]


class Network:
    """A network, run in one thread, so that its sums have one order."""

    def __init__(self, model: str, folder: Path, file: WeightsFile) -> None:
        """Load a network.

        Args:
            model: name of the model that needs it, for errors.
            folder: of the converted networks.
            file: its name and digest.

        Raises:
            ModelMissingError: it is not there, or onnxruntime is not installed.
            DontspyError: it is not the file that was checked.
        """
        path = folder / file.name
        try:
            body = path.read_bytes()
            import onnxruntime
        except (OSError, ImportError) as error:
            raise ModelMissingError(
                f"the model {model} needs {path} and onnxruntime: {error}",
                hint="Install 'dontspy-data[audit]'; in a checkout, with node and npm, run: make audit-models",
            ) from error
        if hashlib.sha256(body).hexdigest() != file.sha256:
            raise DontspyError(
                f"{path} is not the file that this project was checked with",
                hint=f"Remove {folder} and convert the weights again: make audit-models",
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])

    def __call__(self, pictures: Sequence[Values]) -> list[Values]:
        """Return each output of the network for all pictures, one row a picture.

        They are run one after the other: on a processor that is quicker than many at once, whose values do not stay
        close to it, and no answer depends on what else is asked.

        Args:
            pictures: at least one, each of the size that the network takes, in its order of axes.
        """
        answers = [
            self._session.run(None, {"input": np.ascontiguousarray(each[np.newaxis])}) for each in pictures
        ]
        return [np.concatenate(outputs) for outputs in zip(*answers, strict=True)]


def model_folder(model: str) -> Path:
    """Return the folder of a model's converted networks, below the working directory."""
    return Path(WEIGHTS_FOLDER, model)


def resized(picture: NDArray[Any], height: int, width: int) -> Values:
    """Resize as TensorFlow's `resize_bilinear` without aligned corners: bilinear between top left corners of pixels."""
    before = picture.shape[:2]
    if before == (height, width):
        return picture.astype(np.float32)
    down, across = (
        np.arange(size, dtype=np.float32) * np.float32(old / size)
        for size, old in zip((height, width), before, strict=True)
    )
    return _sampled(picture, down, across)


def cropped(picture: NDArray[Any], edges: tuple[float, float, float, float], size: int) -> Values:
    """Cut and resize as TensorFlow's `crop_and_resize`: bilinear, 0 outside of the picture.

    Args:
        picture: what is cut.
        edges: top, left, bottom, right, in shares of the picture's height and width.
        size: pixels a side of the result.
    """
    top, left, bottom, right = edges
    steps = np.arange(size) / (size - 1)
    ends = [side - 1 for side in picture.shape[:2]]
    down = (top + (bottom - top) * steps) * ends[0]
    across = (left + (right - left) * steps) * ends[1]
    inside = np.outer((down >= 0) & (down <= ends[0]), (across >= 0) & (across <= ends[1]))
    clipped = (np.clip(places, 0, end) for places, end in zip((down, across), ends, strict=True))
    values: Values = _sampled(picture, *clipped) * inside[..., np.newaxis]
    return values.astype(np.float32)


def _sampled(picture: NDArray[Any], down: NDArray[Any], across: NDArray[Any]) -> Values:
    """Return the picture's values between pixels, at each pair of places."""
    (top, bottom, share_down), (left, right, share_across) = (
        _neighbours(places, side - 1) for places, side in zip((down, across), picture.shape[:2], strict=True)
    )
    rows = np.union1d(top, bottom)  # Of a large picture most rows are never looked at.
    kept = _between(
        picture[np.ix_(rows, left)], picture[np.ix_(rows, right)], share_across[np.newaxis, :, np.newaxis]
    )
    above, below = kept[np.searchsorted(rows, top)], kept[np.searchsorted(rows, bottom)]
    return _between(above, below, share_down[:, np.newaxis, np.newaxis])


def _neighbours(places: NDArray[Any], last: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Values]:
    low = places.astype(np.int64)
    high = np.minimum(np.ceil(places).astype(np.int64), last)
    return low, high, (places - low).astype(np.float32)


def _between(start: NDArray[Any], end: NDArray[Any], share: Values) -> Values:
    first = start.astype(np.float32)
    return first + (end.astype(np.float32) - first) * share


def resized_by_pillow(picture: Pixels, size: int, method: str) -> Values:
    """Resize to a square as Pillow does, which looks at every pixel when it makes a picture smaller.

    Args:
        picture: values 0 to 255.
        size: pixels a side of the result.
        method: `antialiased` (bilinear) or `bicubic`.
    """
    resampling = {"antialiased": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[method]
    return np.asarray(Image.fromarray(picture).resize((size, size), resampling), dtype=np.float32)
