"""OpenCV, which comes with the extra `faces` and is imported only when faces are looked for."""

from functools import cache
from typing import Any

from dontspy_data.errors import UsageError


@cache
def opencv() -> Any:
    """The module `cv2`, working on one picture with one thread, so that sums are made in the same order.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise missing_extra() from error
    cv2.setNumThreads(1)
    return cv2


def missing_extra() -> UsageError:
    """What to say where the extra is not installed."""
    return UsageError(
        "looking for faces needs OpenCV and the detector's weights, which are not installed",
        hint="Install them with: pip install 'dontspy-data[faces]'",
    )
