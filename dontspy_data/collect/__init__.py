"""Collecting: asking the sources politely and writing their answers to a capture."""

from dontspy_data.collect.outcome import CollectOutcome, Outcome
from dontspy_data.collect.plan import CollectOptions, Rates
from dontspy_data.collect.run import collect

__all__ = ["CollectOptions", "CollectOutcome", "Outcome", "Rates", "collect"]
