"""A run as one HTML file that needs nothing else: what the page and ``gems show --html`` show."""

from __future__ import annotations

import base64
import difflib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..memory.ledger import best_attempt, last_round, of_round, passed_count, verdict_on
from ..memory.older import completed
from ..memory.state import Attempt, RunReport, RunState, Work
from ..nodes.dependencies import Dependencies

SIDE = 640
"""Longest side of the pictures in the page, in pixels: the files themselves are linked."""
PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


class Piece(NamedTuple):
    """Words of a prompt: kept from the one before, new in it, or gone from it."""

    kind: str
    """same, new or gone."""
    text: str


class Shown(NamedTuple):
    """A picture of a round with what became of it."""

    candidate: int
    seed: int
    picture: str
    """A data URL; empty where the file is gone."""
    link: str
    """To the file itself."""
    passed: int
    best: bool


class Cell(NamedTuple):
    """A requirement on the best picture of a round."""

    value: str
    reason: str


class RoundView(NamedTuple):
    """One round."""

    number: int
    prompt: list[Piece]
    strategy: str
    reasoning: str
    pictures: list[Shown]
    experience: str


class RunView(NamedTuple):
    """All that the page shows of a run."""

    report: RunReport
    rounds: list[RoundView]
    matrix: list[tuple[str, list[Cell]]]
    """By requirement, a cell a round."""
    work: list[tuple[str, Work]]
    """By node, what it did: times at work, seconds, calls, tokens."""
    reviews: list[str]


def view_of(report: RunReport, values: Mapping[str, Any], deps: Dependencies) -> RunView:
    """What there is to show of a run, from its report and its state."""
    state = cast(RunState, completed(values))
    numbers = range(1, last_round(state) + 1)
    return RunView(
        report=report,
        rounds=[round_view(state, number, deps) for number in numbers],
        matrix=[
            (r["statement"], [cell(state, best_in(state, number), r) for number in numbers])
            for r in state["requirements"]
        ],
        work=sorted(state["work"].items(), key=lambda item: -item[1]["seconds"]),
        reviews=[
            f"After round {review['round']}: {', '.join(said_in(review))}"
            for review in state["reviews"]
        ],
    )


def best_in(state: RunState, number: int) -> Attempt:
    """The best candidate of a round."""
    return max(of_round(state, number), key=lambda attempt: passed_count(state, attempt))


def cell(state: RunState, attempt: Attempt, requirement: Any) -> Cell:
    """What became of a requirement on a picture."""
    verdict = verdict_on(state, attempt, requirement)
    return Cell(verdict["value"], verdict["reason"])


def said_in(review: Mapping[str, Any]) -> Iterator[str]:
    """What a person said of a round, in words."""
    yield str(review["decision"]).replace("_", " ")
    yield from (f"{name} {value}" for name, value in review["verdicts"].items())
    yield from (f"also: {words}" for words in review["add"])
    yield from (f"without {name}" for name in review["drop"])
    yield from (f"wrong: {words}" for words in [review["wrong"]] if words)
    yield from (f"draw: {words}" for words in [review["prompt"]] if words)


def round_view(state: RunState, number: int, deps: Dependencies) -> RoundView:
    """One round, its prompt as what it changed of the one before."""
    drafts: list[Any] = [*state["drafts"][number - 1 : number], {}]
    attempts = of_round(state, number)
    before = of_round(state, number - 1)[0]["prompt"] if number > 1 else attempts[0]["prompt"]
    return RoundView(
        number=number,
        prompt=word_diff(before, attempts[0]["prompt"]),
        strategy=drafts[0].get("strategy", ""),
        reasoning=drafts[0].get("reasoning", ""),
        pictures=[shown(state, attempt, deps) for attempt in attempts],
        experience=state["experiences"].get(str(number), ""),
    )


def shown(state: RunState, attempt: Attempt, deps: Dependencies) -> Shown:
    """One picture. May block."""
    path = deps.images.fetch(attempt["image"])
    best = attempt is best_attempt(state)
    link = deps.picture_url(attempt["image"]) if deps.picture_url else path.as_uri()
    passed = passed_count(state, attempt)
    return Shown(attempt["candidate"] + 1, attempt["seed"], small_url(path), link, passed, best)


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


def small_url(path: Path) -> str:
    """A picture as a data URL of bounded size; empty where it is gone."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except OSError:
        return ""
    small.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def page(report: RunReport, values: Mapping[str, Any], deps: Dependencies) -> str:
    """The page. May block."""
    template = PAGES.get_template("run_page.html.jinja")
    return template.render(view=view_of(report, values, deps))
