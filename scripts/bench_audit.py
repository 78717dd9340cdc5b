"""Portraits per second that an audit gets through, in one process, with all that it asks of each portrait.

Processor time is measured, so that what else the machine does matters little. To look for the face anew in every
changed copy is what audits did at first.

python -m scripts.bench_audit PACKAGE [--model face-api] [--portraits 20]
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from dontspy_data.audit.looks import Plan, Portrait, look_at
from dontspy_data.audit.model import Model, open_model
from dontspy_data.audit.subjects import read_subjects
from dontspy_data.package.open import open_package

PLANS = {
    "as an audit does": Plan(),
    "changed copies, face looked for again": Plan(choices=(), redetect=True),
    "changed copies": Plan(choices=()),
    "portraits as published": Plan(choices=(), variants=()),
}


def rate(model: Model, portraits: Sequence[Portrait], plan: Plan) -> float:
    """Return portraits a second of processor time."""
    started = time.process_time()
    for portrait in portraits:
        look_at([model], portrait, plan)
    return len(portraits) / (time.process_time() - started)


def main() -> None:
    """Print a line for each plan and model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path)
    parser.add_argument("--model", dest="models", action="append")
    parser.add_argument("--portraits", type=int, default=20)
    arguments = parser.parse_args()
    subjects = read_subjects(open_package(arguments.package))
    step = max(1, len(subjects) // arguments.portraits)
    portraits = [
        Portrait(one.path.name, one.path.read_bytes(), one.box, anew=False) for one in subjects[::step]
    ]
    for model in map(open_model, arguments.models or ["face-api"]):
        rate(model, portraits[:2], Plan())  # The first pictures pay for what is set up once.
        for name, plan in PLANS.items():
            print(f"{model.card.name}, {name}: {rate(model, portraits, plan):.2f} portraits a second")


if __name__ == "__main__":
    main()
