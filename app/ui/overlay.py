"""A run's facts with what has happened since they were stored: a step's are, when all of it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...events import (
    Event,
    ExperienceWritten,
    PicturesDrawn,
    PromptWritten,
    RequirementsFound,
    RunStarted,
    SkillChosen,
    VerdictGiven,
)
from ...memory.ledger import seed_for
from ...memory.older import completed
from ...memory.state import Attempt, Draft, ImageRef, Verdict


class Overlay:
    """Takes in events one by one; what the stored facts already say stays as it is there."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.state: dict[str, Any] = {**completed(values)}
        for name in ("drafts", "attempts", "requirements"):
            self.state[name] = list(self.state[name])
        for name in ("verdicts", "experiences"):
            self.state[name] = dict(self.state[name])

    def take(self, event: Event) -> None:
        """Takes in one; those that tell of no fact are passed over."""
        handler = getattr(self, f"on_{event['event']}", None)
        if handler is not None:
            handler(event)

    def on_started(self, event: RunStarted) -> None:
        """The run has a seed."""
        self.state.setdefault("seed", event["seed"])

    def on_planned(self, event: SkillChosen) -> None:
        """The planner chose."""
        self.state["skill"] = self.state["skill"] or event["skill"]

    def on_requirements(self, event: RequirementsFound) -> None:
        """What is asked of the picture."""
        self.state["requirements"] = self.state["requirements"] or event["requirements"]

    def on_prompt(self, event: PromptWritten) -> None:
        """What is drawn next."""
        known = {draft["round"] for draft in self.state["drafts"]}
        if event["round"] not in known:
            fields = {name: event.get(name) for name in Draft.__annotations__ if name in event}
            self.state["drafts"].append(fields)

    def on_drawn(self, event: PicturesDrawn) -> None:
        """A round's pictures; their files are named by their hashes."""
        number = event["round"]
        drafts = {draft["round"]: draft["prompt"] for draft in self.state["drafts"]}
        if number in {attempt["round"] for attempt in self.state["attempts"]}:
            return
        for place, path in enumerate(event["images"]):
            self.state["attempts"].append(
                Attempt(
                    round=number,
                    candidate=place,
                    prompt=drafts.get(number, self.state.get("prompt", "")),
                    seed=seed_for(self.state.get("seed", 0), number, place),
                    image=ref_of(Path(path)),
                )
            )

    def on_verdict(self, event: VerdictGiven) -> None:
        """What a judge said."""
        key = f"{event['round']}.{event['candidate']}.{event['requirement']}"
        self.state["verdicts"].setdefault(key, Verdict(value=event["value"], reason=event["reason"]))

    def on_experience(self, event: ExperienceWritten) -> None:
        """What a round taught."""
        self.state["experiences"].setdefault(str(event["round"]), event["experience"])


def ref_of(path: Path) -> ImageRef:
    """A stored picture, by its file; its size is not looked at."""
    return ImageRef(sha256=path.stem, path=f"{path.stem[:2]}/{path.name}", width=0, height=0)


def with_events(values: Mapping[str, Any], prompt: str, events: Iterable[Event]) -> dict[str, Any]:
    """The state of a run that draws ``prompt``, from its stored facts and what was heard since."""
    overlay = Overlay({"prompt": prompt, **values})
    for event in events:
        overlay.take(event)
    return overlay.state
