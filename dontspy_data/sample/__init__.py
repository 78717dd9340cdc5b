"""The bundled sample: the capture of a fictional parliament, so that everything runs with no network.

Nobody in it exists. Its portraits are drawn; the marks of rights inside them only imitate real ones.
`scripts/make_sample.py` writes it.
"""

from pathlib import Path


def path() -> Path:
    """Where the sample capture is."""
    return Path(__file__).parent / "sample.warc.gz"
