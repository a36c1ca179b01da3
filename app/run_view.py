"""What there is to see of a run: the same for its report, ``gems show --html`` and the web page."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast

from ..memory.ledger import (
    best_attempt,
    best_of_round,
    cause_of,
    last_round,
    of_round,
    passed_count,
    verdict_on,
)
from ..memory.older import completed
from ..memory.state import Attempt, Briefing, ImageRef, Requirement, RunReport, RunState, Work
from ..memory.turns import as_state


class Places(Protocol):
    """Where whoever looks at a run finds its pictures."""

    def small(self, image: ImageRef) -> str:
        """The address of a picture of bounded size; empty where the file is gone. May block."""
        ...

    def whole(self, image: ImageRef) -> str:
        """The address of the file itself. May block."""
        ...


class Piece(NamedTuple):
    """Words of a prompt: kept from the one before, new in it, or gone from it."""

    kind: str
    """same, new or gone."""
    text: str


class Cell(NamedTuple):
    """A requirement on a picture."""

    id: str
    statement: str
    value: str
    """pass, fail, not_judged, or waiting where it is still to be asked."""
    reason: str


class Shown(NamedTuple):
    """A picture of a round with what became of it."""

    round: int
    candidate: int
    """From 1."""
    seed: int
    picture: str
    """Of bounded size; empty where the file is gone."""
    link: str
    """To the file itself."""
    passed: int
    best: bool


class RoundView(NamedTuple):
    """One round; without pictures it is still to be drawn."""

    number: int
    text: str
    """What it draws."""
    prompt: list[Piece]
    """The same as what it changed of the round before."""
    strategy: str
    reasoning: str
    pictures: list[Shown]
    cells: list[Cell]
    """Of its best picture."""
    passed: int
    experience: str


class RunView(NamedTuple):
    """All that there is to see of a run."""

    report: RunReport
    best: Shown | None
    """The best picture; None: there is none yet."""
    cells: list[Cell]
    """Every requirement on it."""
    rounds: list[RoundView]
    matrix: list[tuple[str, list[Cell]]]
    """By requirement, a cell a round that has drawn."""
    work: list[tuple[str, Work]]
    """By node, what it did: times at work, seconds, calls, tokens."""
    reviews: list[str]
    earlier: list[RunView]
    """The turns of the thread before this one, the latest first."""


def view_of(report: RunReport, values: Mapping[str, Any], places: Places) -> RunView:
    """What there is to see of a run, from its report and its state. May block."""
    state = cast(RunState, completed(values))
    earlier = zip(report.get("earlier", ()), state.get("turns", ()), strict=False)
    rounds = [round_view(state, draft, places) for draft in drafts_of(state)]
    best = best_attempt(state) if state["attempts"] else None
    drawn = [item.cells for item in rounds if item.pictures]
    return RunView(
        report=report,
        best=shown(state, best, places) if best else None,
        cells=cells_of(state, best),
        rounds=rounds,
        matrix=[
            (requirement["statement"], [cells[place] for cells in drawn])
            for place, requirement in enumerate(state["requirements"])
        ],
        work=sorted(state["work"].items(), key=lambda item: -item[1]["seconds"]),
        reviews=[
            *said_before(state.get("briefing")),
            *(
                f"After round {review['round']}: {', '.join(said_in(review))}"
                for review in state["reviews"]
            ),
        ],
        earlier=[
            view_of(cast(RunReport, {**report, "earlier": [], **turn}), as_state(facts), places)
            for turn, facts in earlier
        ][::-1],
    )


def drafts_of(state: RunState) -> list[dict[str, Any]]:
    """A draft for every round that drew something, and the one that is drawn next, if any."""
    found: dict[int, dict[str, Any]] = {draft["round"]: {**draft} for draft in state["drafts"]}
    for attempt in state["attempts"]:
        found.setdefault(attempt["round"], {"round": attempt["round"], "prompt": attempt["prompt"]})
    return [found[number] for number in sorted(found) if number <= last_round(state) + 1]


def round_view(state: RunState, draft: Mapping[str, Any], places: Places) -> RoundView:
    """One round, its prompt as what it changed of the one before."""
    number = draft["round"]
    attempts, earlier = of_round(state, number), of_round(state, number - 1)
    text = attempts[0]["prompt"] if attempts else draft["prompt"]
    best = best_of_round(state, number) if attempts else None
    return RoundView(
        number=number,
        text=text,
        prompt=word_diff(earlier[0]["prompt"] if earlier else text, text),
        strategy=draft.get("strategy", ""),
        reasoning=draft.get("reasoning", ""),
        pictures=[shown(state, attempt, places) for attempt in attempts],
        cells=cells_of(state, best),
        passed=passed_count(state, best) if best else 0,
        experience=state["experiences"].get(str(number), ""),
    )


def cells_of(state: RunState, attempt: Attempt | None) -> list[Cell]:
    """Every requirement on a picture, or before there is one."""
    return [cell(state, attempt, requirement) for requirement in state["requirements"]]


def cell(state: RunState, attempt: Attempt | None, requirement: Requirement) -> Cell:
    """What became of a requirement on a picture."""
    key, statement = requirement["id"], requirement["statement"]
    if attempt is None:
        return Cell(key, statement, "waiting", "")
    verdict = verdict_on(state, attempt, requirement)
    if cause_of(verdict) == "unasked" and not state.get("outcome"):
        return Cell(key, statement, "waiting", "")
    return Cell(key, statement, verdict["value"], verdict["reason"])


def shown(state: RunState, attempt: Attempt, places: Places) -> Shown:
    """One picture. May block."""
    image = attempt["image"]
    return Shown(
        round=attempt["round"],
        candidate=attempt["candidate"] + 1,
        seed=attempt["seed"],
        picture=places.small(image),
        link=places.whole(image),
        passed=passed_count(state, attempt),
        best=attempt is best_attempt(state),
    )


def said_before(briefing: Briefing | None) -> Iterator[str]:
    """What a person said before the first picture, in words."""
    if briefing is None:
        return
    said = [f"{item['question']} {item['answer']}" for item in briefing["answers"]]
    said += [f"also: {words}" for words in briefing["add"]]
    said += [f"without: {words}" for words in briefing["drop"]]
    said += [f"{item['before']} \u2192 {item['after']}" for item in briefing["edit"]]
    said += [words for words in [briefing["words"]] if words]
    yield f"Before the first picture: {'; '.join(said) or 'draw it'}"


def said_in(review: Mapping[str, Any]) -> Iterator[str]:
    """What a person said of a round, in words."""
    yield str(review["decision"]).replace("_", " ")
    yield from (f"{name} {value}" for name, value in review["verdicts"].items())
    yield from (f"also: {words}" for words in review["add"])
    yield from (f"without {name}" for name in review["drop"])
    yield from (f"wrong: {words}" for words in [review["wrong"]] if words)
    yield from (f"draw: {words}" for words in [review["prompt"]] if words)


def word_diff(before: str, after: str) -> list[Piece]:
    """``after`` by words, with what is new in it and what went out of ``before``."""
    old, new = words_in(before), words_in(after)
    pieces: list[Piece] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(new[k:m])))
            continue
        pieces += [Piece("gone", "".join(old[i:j]))] if j > i else []
        pieces += [Piece("new", "".join(new[k:m]))] if m > k else []
    return pieces


def words_in(text: str) -> Sequence[str]:
    """The words of a text, each with the space after it."""
    return re.findall(r"\S+\s*", text)
