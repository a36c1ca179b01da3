"""Benchmarks: suites of prompts, arms that draw them, scores and reports."""
