"""Benchmarks in pairs: each side runs by itself, and the table says how they compare."""

from dontspy_data import sample
from scripts.bench_pairs import COMPARISONS, TASKS, Comparison, as_markdown, compare


def test_every_side_is_a_task_or_a_command() -> None:
    sides = [side for one in COMPARISONS for side in (one.ours, one.theirs)]
    assert {side[0] for side in sides if len(side) == 1} == TASKS.keys()


def test_a_pair_is_measured_and_its_ratio_shown() -> None:
    ours, theirs = compare(Comparison("decoding", ["pillow"], ["pillow-folder"]), sample.package_path(), 1)
    assert ours.seconds > 0 < theirs.seconds
    assert ours.megabytes > 10
    line = as_markdown({"decoding": (ours, theirs)}, {}, "one pair.")
    assert f"| {ours.seconds / theirs.seconds:.2f} |" in line
