"""Open Data Faces: official portraits and public facts of Members of the European Parliament.

`load()` opens a release from a target, the bundled sample or a folder; the command line is `dontspy-data`.
Importing this package alone imports none of the heavy libraries.
"""

from dontspy_data._version import __version__

TYPE_CHECKING = False  # the name is what type checkers know; the module typing takes longer than all the rest
if TYPE_CHECKING:
    from typing import Any

    from dontspy_data.errors import DontspyError
    from dontspy_data.loading.dataset import OpenDataFaces, load
    from dontspy_data.package.open import Package, open_package

__all__ = ["DontspyError", "OpenDataFaces", "Package", "__version__", "load", "open_package"]

_HOMES = {
    "DontspyError": "dontspy_data.errors",
    "OpenDataFaces": "dontspy_data.loading.dataset",
    "Package": "dontspy_data.package.open",
    "load": "dontspy_data.loading.dataset",
    "open_package": "dontspy_data.package.open",
}


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
