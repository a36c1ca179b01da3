"""Benchmarks: commands that print their figures. Not in the wheel."""
