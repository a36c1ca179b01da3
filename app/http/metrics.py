"""What a server's runs do, counted for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

SECONDS = (0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)
LATE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """See ``Meter``; one registry a server, so that two in one process count apart."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self._started = Counter("gems_runs_started", "runs that were begun", registry=own)
        self._ended = Counter("gems_runs_ended", "runs that came to an end", ["outcome"], registry=own)
        self._rounds = Counter("gems_rounds", "rounds that were judged", registry=own)
        self._pictures = Counter("gems_pictures", "pictures that were drawn", registry=own)
        self._calls = Counter("gems_mllm_calls", "requests to the MLLM", ["node"], registry=own)
        self._tokens = Counter("gems_tokens", "tokens", ["direction"], registry=own)
        self._cost = Counter("gems_cost", "money, by the price list", ["node"], registry=own)
        self._seconds = Histogram(
            "gems_node_seconds", "a node's work", ["node"], buckets=SECONDS, registry=own
        )
        self._failures = Counter("gems_failures", "what failed", ["node", "kind"], registry=own)
        self._late = Histogram(
            "gems_loop_late_seconds", "what a request waits for its turn", buckets=LATE, registry=own
        )

    def done(self, node: str, seconds: float, update: Mapping[str, Any]) -> None:
        """See ``Meter``."""
        self._seconds.labels(node).observe(seconds)
        if node == "intake":
            self._started.inc()
        if node == "recorder" and "rounds" in update:
            self._rounds.inc()
        if node == "finish":
            self._ended.labels(update["outcome"]).inc()
        if update.get("failure"):
            self._failures.labels(node, "lasting").inc()
        spent = update.get("spent")
        if node != "intake" and isinstance(spent, Mapping):
            self._count(node, spent)

    def failed(self, node: str, seconds: float, error: Exception) -> None:
        """See ``Meter``."""
        self._seconds.labels(node).observe(seconds)
        self._failures.labels(node, type(error).__name__).inc()

    def late(self, seconds: float) -> None:
        """The server's event loop turned to what was due so many seconds too late."""
        self._late.observe(seconds)

    def _count(self, node: str, spent: Mapping[str, float]) -> None:
        self._pictures.inc(spent["images"])
        self._calls.labels(node).inc(spent["mllm_calls"])
        self._tokens.labels("input").inc(spent["input_tokens"])
        self._tokens.labels("output").inc(spent["output_tokens"])
        if cost := spent.get("cost"):
            self._cost.labels(node).inc(cost)

    def text(self) -> bytes:
        """In the format that Prometheus reads."""
        return generate_latest(self.registry)
