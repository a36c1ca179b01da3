"""The verifier's exam: rendered pictures, questions whose answers are known, every way of asking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from ...errors import Cost, NotInWorldError
from ...memory.state import Requirement, Verdict
from ...models.judges.judge import Judgement
from ...models.judges.router import JudgeRouter
from ...nodes.context import RunContext
from .frame import Figure, Outcome, Probe, Record, items, share_figure
from .pictures import NoFontError, scene, sign
from .subject import Heard, Subject

Mode = Literal["each", "together", "votes"]
MODES: tuple[Mode, ...] = get_args(Mode)
KINDS = {
    "count": "count", "colour": "attribute", "size": "attribute", "place": "position",
    "relation": "position", "text": "text", "absence": "other", "object": "object",
}  # fmt: skip
"""The exam's kinds, and the run's that they stand for."""
LOOKS = {"each": 1.0, "together": 1.0, "votes": 2.2}
"""About how many calls a question, or a picture's questions together, take."""
WRONG_LIMIT, UNSURE_LIMIT = 0.2, 0.25
BANDS = ((0.0, 0.7), (0.7, 0.9), (0.9, 1.01))
"""Of confidence."""


def probes(subject: Subject) -> Iterable[Probe]:
    """Every picture in every mode; one by one a probe is one question."""
    for item, path in drawn(subject):
        questions = item["questions"]
        for mode in MODES:
            groups = [[q] for q in questions] if mode == "each" else [questions]
            for number, group in enumerate(groups, 1):
                key = f"verifier/{mode}/{item['id']}" + (f"/{number}" if mode == "each" else "")
                ask = partial(look, subject, mode, path, group)
                yield Probe(key, ask, round(LOOKS[mode]), 300 + 20 * len(group), 1)


def drawn(subject: Subject) -> Iterable[tuple[dict[str, Any], Path]]:
    """Every item whose picture can be drawn here, with its picture."""
    for item in items("verifier"):
        path = subject.home / "scenes" / f"{item['id']}.png"
        try:
            if not path.exists():
                picture = sign(**item["text"]) if "text" in item else scene(item["objects"])
                path.parent.mkdir(parents=True, exist_ok=True)
                picture.save(path, "PNG")
        except NoFontError:
            continue
        yield item, path


def left_out(subject: Subject) -> list[str]:
    """The ids of the items for which there is no font here."""
    can = {item["id"] for item, _ in drawn(subject)}
    return [item["id"] for item in items("verifier") if item["id"] not in can]


async def look(
    subject: Subject, mode: Mode, picture: Path, questions: Sequence[dict[str, Any]], heard: Heard
) -> Outcome:
    """What the judge of a run says of ``questions``; see ``Judge.judge`` for what it raises."""
    requirements = [requirement(number, item) for number, item in enumerate(questions, 1)]
    judge = subject.deps.judge(RunContext(verify=mode, verifiers="mllm"))
    verdicts = await judged(judge, picture, requirements)
    looks = [
        {
            "kind": item["kind"],
            "truth": item["truth"],
            "said": verdict["value"],
            "confidence": verdict.get("confidence"),
        }
        for item, verdict in zip(questions, verdicts, strict=True)
    ]
    return {"mode": mode, "looks": looks}


async def judged(
    judge: JudgeRouter, picture: Path, requirements: Sequence[Requirement]
) -> list[Verdict]:
    """The verdicts, in the groups of a run; what a model has no words for is not judged."""
    verdicts: dict[str, Verdict] = {}
    for group in judge.groups(requirements):
        try:
            judgement = await judge.judge(picture, group)
        except NotInWorldError as exc:
            unknown = Verdict(value="not_judged", reason=str(exc))
            judgement = Judgement([unknown] * len(group), Cost())
        verdicts |= {r["id"]: v for r, v in zip(group, judgement.verdicts, strict=True)}
    return [verdicts[item["id"]] for item in requirements]


def requirement(number: int, item: dict[str, Any]) -> Requirement:
    """A question of an item as a requirement of a run."""
    question = str(item["question"])
    return Requirement(
        id=f"q{number}", question=question, statement=question, kind=KINDS[item["kind"]], parent=None
    )


def looks_of(records: Sequence[Record], mode: str, kind: str | None = None) -> list[dict[str, Any]]:
    """What was said in a mode, about one kind or all."""
    return [
        item
        for record in records
        if record.outcome.get("mode") == mode
        for item in record.outcome["looks"]
        if kind in (None, item["kind"])
    ]


def figures(records: Sequence[Record]) -> list[Figure]:
    """By mode and kind: passes that are none, failures that are none, and "cannot tell"."""
    found = []
    for mode in MODES:
        for kind in KINDS:
            asked = looks_of(records, mode, kind)
            found += rates(f"{mode}, {kind}", asked)
    return found


def rates(what: str, looks: Sequence[dict[str, Any]]) -> list[Figure]:
    """The three rates of some looks."""
    right = [item for item in looks if item["truth"]]
    wrong = [item for item in looks if not item["truth"]]
    return [
        share_figure("verifier", f"{what}: false pass", said(wrong, "pass"), WRONG_LIMIT),
        share_figure("verifier", f"{what}: false fail", said(right, "fail"), WRONG_LIMIT),
        share_figure("verifier", f"{what}: cannot tell", said(looks, "not_judged"), UNSURE_LIMIT),
    ]


def said(looks: Sequence[dict[str, Any]], value: str) -> list[tuple[int, int]]:
    """Whether each look said ``value``, as (1 or 0, 1)."""
    return [(int(item["said"] == value), 1) for item in looks]


def errors_of(records: Sequence[Record], mode: str) -> tuple[float, float]:
    """(share of verdicts that are wrong, share of questions undecided) in a mode, 0..1."""
    looks = looks_of(records, mode)
    decided = [item for item in looks if item["said"] != "not_judged"]
    wrong = sum((item["said"] == "pass") != item["truth"] for item in decided)
    undecided = len(looks) - len(decided)
    return wrong / max(1, len(decided)), undecided / max(1, len(looks))


def calibration(records: Sequence[Record]) -> list[tuple[str, int, float, float]]:
    """Rows (mode, verdicts, mean confidence, share that is right) by band; none where the model and the
    way of asking give no confidence."""
    rows: list[tuple[str, int, float, float]] = []
    for mode in MODES:
        sure = [item for item in looks_of(records, mode) if item["confidence"] is not None]
        sure = [item for item in sure if item["said"] != "not_judged"]
        for low, high in BANDS:
            band = [item for item in sure if low <= item["confidence"] < high]
            if band:
                mean = sum(item["confidence"] for item in band) / len(band)
                right = sum((item["said"] == "pass") == item["truth"] for item in band) / len(band)
                rows.append((mode, len(band), mean, right))
    return rows
