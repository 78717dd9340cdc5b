"""The bundled sample: a fictional parliament, so that everything runs with no network.

Nobody in it exists. Its portraits are drawn; the marks of rights inside them only imitate real ones.
`make sample` writes the capture, and the package that is built from it.
"""

from pathlib import Path


def path() -> Path:
    """Return the path of the sample capture."""
    return Path(__file__).parent / "sample.warc.gz"


def package_path() -> Path:
    """Return the path of the package built from the sample capture.

    It is there so that loading it takes no build, and includes `faces` whether or not the extra is installed.
    """
    return Path(__file__).parent / "package"
