"""The live view of a run in the terminal."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..events import (
    DrawingStarted,
    Event,
    ExperienceWritten,
    PicturesDrawn,
    RequirementsFound,
    RoundJudged,
    RunStarted,
    SkillChosen,
    StepDone,
    VerdictGiven,
    Waiting,
)
from ..graphs.streams import RunStream
from ..memory.state import RunResult
from ..models.prices import money_text
from .output import open_console, plain

logger = logging.getLogger("gems.live")
SAME_WAIT = 2.0
"""Seconds by which one wait has to outlast another to be worth a line."""
ENDINGS = {
    "all_passed": "every requirement passes",
    "accepted": "you took it as it is",
    "max_rounds": "the rounds are used up; this is the best picture",
    "budget": "the budget is used up; this is the best picture",
    "unverified": "nobody could judge the picture",
    "unreliable": "the judge contradicts itself; the best picture so far",
    "failed": "the run could not go on; this is the best picture",
    "cancelled": "stopped on request; this is the best picture",
    "paused": "the run waits",
}


def show_events(events: RunStream, view: QuietView) -> RunResult:
    """Reads a run's events to the end, showing each; a view that fails shows no more, the run goes on.

    Raises:
        GemsError: the run could not go on.
    """
    result: RunResult | None = None
    with view:
        for event in events:
            if event["event"] == "result":
                result = event["result"]
            try:
                view(event)
            # A closed pipe makes rich raise SystemExit.
            except (Exception, SystemExit):
                logger.debug("the view failed", exc_info=True)
                view = QuietView()
    assert result is not None, "a stream ends with its result, or raises"
    return result


class QuietView:
    """Prints nothing: the view for ``--json``, and where another one broke."""

    def __call__(self, event: Event) -> None:
        """Shows one event; here, and for events that a view does not know, not at all."""

    def __enter__(self) -> QuietView:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def conclude(self, result: RunResult) -> None:
        """Shows how the run ended, once its view was left."""


class LiveView(QuietView):
    """Prints each round as it happens: steps and ticks live, then lines that stay.

    Args:
        console: where; stdout.
        goes_on: the run was shown until it waited, so that it need not be introduced again.
    """

    def __init__(self, console: Console | None = None, *, goes_on: bool = False) -> None:
        self.console = console or open_console()
        self._goes_on = goes_on
        self._live = Live(console=self.console, transient=True, refresh_per_second=10)
        self._lock = threading.Lock()
        self._requirements: dict[str, str] = {}
        self._verdicts: dict[tuple[int, str], VerdictGiven] = {}
        self._steps: tuple[int, int] | None = None
        self._waits_until = 0.0
        unicode = (self.console.encoding or "").lower().startswith("utf")
        self._marks = (
            {"pass": ("✓", "green"), "fail": ("✗", "red"), "not_judged": ("?", "yellow")}
            if unicode
            else {"pass": ("+", "green"), "fail": ("x", "red"), "not_judged": ("?", "yellow")}
        )

    def __enter__(self) -> LiveView:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Renders one event; events without a view are passed over."""
        handler = getattr(self, f"on_{event['event']}", None)
        if handler is not None:
            with self._lock:
                handler(event)
                stays = event["event"] != "step"
                self._live.update(self._moving(), refresh=stays and self._live.is_started)

    def say(self, text: str, style: str = "", indent: int = 0) -> None:
        """Prints a line that stays; the text is data, not markup."""
        self.console.print(plain(" " * indent + text, style), soft_wrap=True)

    def on_started(self, event: RunStarted) -> None:
        """Prints the run's name and seed; where nothing is configured, what the embedded world is."""
        if self._goes_on:
            return
        if event["mllm"] == event["generator"] == "embedded":
            self.say(
                "Embedded world: a few dozen things and short words, nothing else. "
                "GEMS_MLLM and GEMS_GENERATOR name your own models (gems doctor).",
                "dim",
            )
        self.say(f"Run {event['thread_id']}, seed {event['seed']}", "bold")

    def on_planned(self, event: SkillChosen) -> None:
        """Prints the skill, how many experiences were found, and whether an earlier picture is
        drawn again."""
        noun = "experience" if event["recalled"] == 1 else "experiences"
        recalled = f", {event['recalled']} earlier {noun}" if event["recalled"] else ""
        known = "; drawn as it came right before" if event.get("known") else ""
        self.say(f"skill: {event['skill'] or 'none'}{recalled}{known}", "dim")

    def on_requirements(self, event: RequirementsFound) -> None:
        """Prints how many there are, and keeps their statements for the verdicts."""
        known, self._requirements = (
            self._requirements, {r["id"]: r["statement"] for r in event["requirements"]}
        )  # fmt: skip
        if known or not self._goes_on:
            self.say(f"{len(self._requirements)} requirements to check", "dim")

    def on_drawing(self, event: DrawingStarted) -> None:
        """Prints the round's prompt; steps and ticks of the round before are forgotten."""
        self._verdicts, self._steps = {}, None
        count = f" ({event['count']} candidates)" if event["count"] > 1 else ""
        self.say(f"Round {event['round']}{count}: {event['prompt']}", "bold")

    def on_step(self, event: StepDone) -> None:
        """Moves the bar of steps, which does not stay."""
        self._steps = (event["done"], event["total"])

    def on_drawn(self, event: PicturesDrawn) -> None:
        """Prints the pictures' paths; the bar of steps goes."""
        self._steps = None
        for path in event["images"]:
            self.say(path, "dim", indent=2)

    def on_verdict(self, event: VerdictGiven) -> None:
        """Adds a tick that moves until the round's verdicts are complete."""
        self._verdicts[event["candidate"], event["requirement"]] = event

    def on_judged(self, event: RoundJudged) -> None:
        """A round's verdicts are complete: they become lines that stay."""
        order = sorted(self._verdicts, key=lambda k: (k[0], int(k[1][1:])))
        lines = [self._verdict_line(self._verdicts[key]) for key in order]
        self._verdicts = {}
        self._live.update(self._moving(), refresh=self._live.is_started)
        for line in lines:
            self.console.print(line, soft_wrap=True)
        self.say(f"{event['passed']} of {event['total']} pass", indent=2)

    def on_experience(self, event: ExperienceWritten) -> None:
        """Prints what the round taught."""
        self.say(f"learned: {event['experience']}", "cyan", indent=2)

    def on_waiting(self, event: Waiting) -> None:
        """A server is waited for; calls side by side wait for the same thing, which is said once."""
        until = time.monotonic() + event["seconds"]
        if until > self._waits_until + SAME_WAIT:
            self._waits_until = until
            self.say(f"waiting {event['seconds']:.0f} s: {event['why']}", "yellow", indent=2)

    def _verdict_line(self, event: VerdictGiven) -> Text:
        mark, colour = self._marks[event["value"]]
        line = Text("  ").append(mark, colour)
        line.append(plain(f" {self._requirements.get(event['requirement'], event['requirement'])}"))
        if event["value"] != "pass" and event["reason"]:
            line.append(plain(f": {event['reason']}", "dim"))
        return line

    def _moving(self) -> Group:
        parts: list[Any] = []
        if self._steps is not None:
            done, total = self._steps
            grid = Table.grid(padding=(0, 1))
            grid.add_row("  drawing", ProgressBar(total, done, width=30), f"{done}/{total}")
            parts.append(grid)
        parts += [self._verdict_line(event) for event in self._verdicts.values()]
        return Group(*parts)

    def conclude(self, result: RunResult) -> None:
        """The last lines: how it ended and where the picture is."""
        for warning in result["warnings"]:
            self.say(f"warning: {warning}", "yellow")
        usage = result["usage"]
        good = result["outcome"] == "all_passed"
        self.say(
            f"{result['outcome']}: {ENDINGS[result['outcome']]} "
            f"({result['passed']} of {result['total']}, round {result['best_round']})",
            "bold green" if good else "bold yellow",
        )
        if reason := result.get("reason"):
            self.say(f"because {reason}", "yellow")
        pictures = "1 picture" if usage["images"] == 1 else f"{usage['images']} pictures"
        cost = f", cost {money_text(usage['cost'])}" if "cost" in usage else ""
        self.say(f"{pictures}, {usage['mllm_calls']} MLLM calls, {usage['seconds']:.1f} s{cost}", "dim")
        if reason and result["outcome"] == "budget":
            self.say(f"go on with: gems resume {result['thread_id']} --max-cost MORE", "bold yellow")
        if pause := result.get("pause"):
            why = pause["message"] or f"a {pause['reason']} asked for it"
            self.say(f"{why}; go on with: gems resume {result['thread_id']}", "bold yellow")
        self.say(result["image"])
