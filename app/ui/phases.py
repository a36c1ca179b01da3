"""What a run is doing, in a person's words."""

from __future__ import annotations

from collections.abc import Sequence

from ...events import Event

THINKING = "Taking the request apart"
TOLD = {
    "prompt": "Round {round}: about to draw",
    "drawing": "Round {round}: drawing",
    "step": "Round {round}: drawing",
    "drawn": "Round {round}: looking at the picture",
    "verdict": "Round {round}: looking at the picture",
    "judged": "Round {round}: {passed} of {total} pass. Learning from it",
    "experience": "Round {round}: thinking about the next prompt",
    "waiting": "Waiting {seconds:.0f} s for a server: {why}",
}
"""By an event's kind, what is done after it."""


def phase_of(events: Sequence[Event]) -> str:
    """What is being done now, by what was heard last."""
    for event in reversed(events):
        if event["event"] in TOLD:
            return TOLD[event["event"]].format(**event)
    return THINKING


def progress_of(events: Sequence[Event]) -> tuple[int, int] | None:
    """Steps done of how many, while a picture is being drawn."""
    for event in reversed(events):
        if event["event"] == "step":
            return event["done"], event["total"]
        if event["event"] != "waiting":
            return None
    return None
