"""Packages: one build's output as a folder, written whole or not at all, and checked."""
