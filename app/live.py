"""The live view of a run in the terminal."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..memory.state import RunResult

ENDINGS = {
    "all_passed": "every requirement passes",
    "max_rounds": "the rounds are used up; this is the best picture",
    "budget": "the budget is used up; this is the best picture",
    "unverified": "nobody could judge the picture",
    "cancelled": "stopped on request; this is the best picture",
}


class QuietView:
    """Prints nothing; remembers the thread's name for an error or an interrupt."""

    thread_id: str | None = None

    def __call__(self, event: dict[str, Any]) -> None:
        """Takes one event."""
        if event["event"] == "started":
            self.thread_id = event["thread_id"]

    def __enter__(self) -> QuietView:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


class LiveView(QuietView):
    """Prints each round as it happens: steps and ticks live, then lines that stay."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._live = Live(console=self.console, transient=True, refresh_per_second=10)
        self._lock = threading.Lock()
        self._requirements: dict[str, str] = {}
        self._verdicts: dict[tuple[int, str], dict[str, Any]] = {}
        self._steps: tuple[int, int] | None = None
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

    def __call__(self, event: dict[str, Any]) -> None:
        """Renders one event; events without a view are passed over."""
        super().__call__(event)
        handler = getattr(self, f"on_{event['event']}", None)
        if handler is not None:
            with self._lock:
                handler(event)
                stays = event["event"] != "step"
                self._live.update(self._moving(), refresh=stays and self._live.is_started)

    def say(self, text: str, style: str = "", indent: int = 0) -> None:
        """Prints a line that stays; the text is data, not markup."""
        self.console.print(Text(" " * indent + text, style=style), soft_wrap=True)

    def on_started(self, event: dict[str, Any]) -> None:
        """The run has a name."""
        if event["mllm"] == event["generator"] == "embedded":
            self.say(
                "Embedded world: coloured shapes, nothing else. "
                "GEMS_MLLM and GEMS_GENERATOR name your own models (gems doctor).",
                "dim",
            )
        self.say(f"Run {event['thread_id']}, seed {event['seed']}", "bold")

    def on_planned(self, event: dict[str, Any]) -> None:
        """The planner has chosen."""
        noun = "experience" if event["recalled"] == 1 else "experiences"
        recalled = f", {event['recalled']} earlier {noun}" if event["recalled"] else ""
        self.say(f"skill: {event['skill'] or 'none'}{recalled}", "dim")

    def on_requirements(self, event: dict[str, Any]) -> None:
        """The decomposer is done."""
        self._requirements = {r["id"]: r["statement"] for r in event["requirements"]}
        self.say(f"{len(self._requirements)} requirements to check", "dim")

    def on_drawing(self, event: dict[str, Any]) -> None:
        """A round begins."""
        self._verdicts, self._steps = {}, None
        count = f" ({event['count']} candidates)" if event["count"] > 1 else ""
        self.say(f"Round {event['round']}{count}: {event['prompt']}", "bold")

    def on_step(self, event: dict[str, Any]) -> None:
        """A denoising step is done."""
        self._steps = (event["done"], event["total"])

    def on_drawn(self, event: dict[str, Any]) -> None:
        """The pictures are stored."""
        self._steps = None
        for path in event["images"]:
            self.say(path, "dim", indent=2)

    def on_verdict(self, event: dict[str, Any]) -> None:
        """A requirement has been judged."""
        self._verdicts[event["candidate"], event["requirement"]] = event

    def on_judged(self, event: dict[str, Any]) -> None:
        """A round's verdicts are complete: they become lines that stay."""
        order = sorted(self._verdicts, key=lambda k: (k[0], int(k[1][1:])))
        lines = [self._verdict_line(self._verdicts[key]) for key in order]
        self._verdicts = {}
        self._live.update(self._moving(), refresh=self._live.is_started)
        for line in lines:
            self.console.print(line, soft_wrap=True)
        self.say(f"{event['passed']} of {event['total']} pass", indent=2)

    def on_experience(self, event: dict[str, Any]) -> None:
        """The compressor has written."""
        self.say(f"learned: {event['experience']}", "cyan", indent=2)

    def _verdict_line(self, event: dict[str, Any]) -> Text:
        mark, colour = self._marks[event["value"]]
        line = Text("  ").append(mark, colour)
        line.append(f" {self._requirements.get(event['requirement'], event['requirement'])}")
        if event["value"] != "pass" and event["reason"]:
            line.append(f": {event['reason']}", "dim")
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
        pictures = "1 picture" if usage["images"] == 1 else f"{usage['images']} pictures"
        self.say(f"{pictures}, {usage['mllm_calls']} MLLM calls, {usage['seconds']:.1f} s", "dim")
        self.say(result["image"])
