"""How a step tells how far it is."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told how many things are done and how many there are."""
