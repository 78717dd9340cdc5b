"""Portraits a second that the audit's models look at, with the box given and with their own detector.

python -m scripts.bench_audit PACKAGE [--model face-api] [--portraits 200]
"""

import argparse
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dontspy_data.audit.looks import BoxSource
from dontspy_data.audit.model import Model, open_model
from dontspy_data.audit.subjects import read_subjects
from dontspy_data.audit.views import View, read_picture
from dontspy_data.package.open import open_package


def rate(model: Model, views: Sequence[View], boxes: BoxSource) -> float:
    """Return portraits a second, one thread a core, with pictures that are decoded already."""
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        started = time.perf_counter()
        given = [view.box if boxes is BoxSource.PACKAGE else None for view in views]
        list(executor.map(model.look, [view.pixels for view in views], given))
        return len(views) / (time.perf_counter() - started)


def main() -> None:
    """Print a line for each way to get the box."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path)
    parser.add_argument("--model", default="face-api")
    parser.add_argument("--portraits", type=int, default=200)
    arguments = parser.parse_args()
    subjects = [subject for subject in read_subjects(open_package(arguments.package)) if subject.box]
    views = [View(read_picture(one.path), one.box) for one in subjects[: arguments.portraits]]
    model = open_model(arguments.model)
    for boxes in BoxSource:
        rate(model, views[:10], boxes)  # The first pictures pay for what is set up once.
        print(f"{arguments.model}, box of the {boxes}: {rate(model, views, boxes):.0f} portraits a second")


if __name__ == "__main__":
    main()
