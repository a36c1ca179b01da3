"""The MLLM of the embedded world: reads prompts by a grammar and pictures by their pixels."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import AnswerError, Cost
from ..capabilities import Health
from ..chat.mllm import AnswerT, Reply, Role, render_fields

if TYPE_CHECKING:
    from .eye import Scene

Answer = dict[str, Any]
SPATIAL, TEXT = "spatial", "text-rendering"


@lru_cache(maxsize=256)
def _looked(path: Path, changed: int) -> Scene | None:
    from .eye import look

    return look(path)


def look_at(images: Sequence[Path]) -> Scene | None:
    """What the last of ``images`` shows; None: nothing readable. Each file is looked at once."""
    if not images or not images[-1].is_file():
        return None
    return _looked(images[-1], images[-1].stat().st_mtime_ns)


def choose_skill(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """The skill for texts where something is to be written, the spatial one for relations and places,
    and where experience says that it helps."""
    from .reading.grammar import read_prompt
    from .strategies import likeliest, skill_chances

    wish = read_prompt(fields["prompt"])
    offered = {skill["name"] for skill in fields["skills"]}
    if TEXT in offered and wish.has_words:
        return {"skill": TEXT, "reason": "the request wants something written"}
    if SPATIAL in offered and (wish.relations or wish.places or wish.lines):
        return {"skill": SPATIAL, "reason": "the request says where things stand"}
    chances = skill_chances(fields["track_record"])
    if SPATIAL in offered and likeliest(["none", SPATIAL], chances) == SPATIAL:
        return {"skill": SPATIAL, "reason": "it worked better than none in earlier runs"}
    return {"skill": "none", "reason": "a plain request"}


def write_with_skill(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """A skill that speaks of positions or of literal texts becomes a layout, and so does a request like
    others that came right as layouts; other skills have nothing to add here."""
    from .reading.grammar import read_prompt
    from .strategies import layout_prompt, layouts_worked, seed_of

    wish = read_prompt(fields["prompt"])
    if not re.search("position|literal", fields["skill"]) and not layouts_worked(fields["recalled"]):
        return {"prompt": fields["prompt"]}
    return {"prompt": layout_prompt(wish, seed_of(fields["prompt"]))}


def decompose(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """One question a requirement, as the grammar reads the prompt."""
    from .questions import questions_for
    from .reading.grammar import read_prompt

    return {"questions": questions_for(read_prompt(fields["prompt"]))}


def clarify(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """What the request leaves open: the colours of its things, and the ground."""
    from .reading.grammar import read_prompt
    from .revision import open_in

    return {"questions": open_in(read_prompt(fields["prompt"]))}


def revise_request(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """The request with what was said of it, and what that makes of its questions."""
    from .revision import revise

    return revise(fields)


def judge(question: str, images: Sequence[Path]) -> Answer:
    """The answer to one question from the pixels of the last picture."""
    from .statements import checks_in, decide_all

    checks = checks_in(question)
    seen = look_at(images)
    if seen is None:
        return {"verdict": "cannot_tell", "reason": "this is no picture of the embedded world"}
    good, reason = decide_all(checks, seen)
    return {"verdict": "yes" if good else "no", "reason": reason}


def verify(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """The answer to the question, in the form of the verifier's role."""
    return judge(fields["question"], images)


def verify_all(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """The answers to numbered questions, each as if it were asked alone."""
    verdicts = [
        {"number": item["number"], **judge(item["question"], images)} for item in fields["questions"]
    ]
    return {"verdicts": verdicts}


def write_experience(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """What the round taught: the wording that was drawn, and which kinds of failure came of it."""
    from .strategies import compress

    return {"experience": compress(fields, look_at(images))}


def refine_prompt(fields: Mapping[str, Any], images: Sequence[Path]) -> Answer:
    """The next prompt, by the strategy that the track record gives the best chance."""
    from .reading.grammar import read_prompt
    from .strategies import refine

    return refine(fields, read_prompt(fields["prompt"]), look_at(images))


ROLES: dict[str, Callable[[Mapping[str, Any], Sequence[Path]], Answer]] = {
    "planner": choose_skill,
    "skill_writer": write_with_skill,
    "decomposer": decompose,
    "clarifier": clarify,
    "reviser": revise_request,
    "verifier": verify,
    "verifier_all": verify_all,
    "compressor": write_experience,
    "refiner": refine_prompt,
}


class EmbeddedMLLM:
    """Knows the things, colours and letters of its world, and nothing else; see ``MLLM``."""

    name = "embedded"
    steady = True
    """It measures: the same picture has the same answer every time."""

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``. Costs one request and no tokens.

        Raises:
            AnswerError: a role that does not exist in this world.
            NotInWorldError: something the world does not have.
        """
        render_fields(role, fields)
        work = ROLES.get(role.name)
        if work is None:
            raise AnswerError(f"the embedded MLLM has no role {role.name!r}: set GEMS_MLLM")
        answer = await asyncio.to_thread(work, fields, images)
        return Reply(role.answer.model_validate(answer), cost=Cost(requests=1))

    async def check(self) -> Health:
        """See ``Checkable``. A note: it knows nothing of real pictures."""
        says = (
            "embedded: knows its own small world only; for real pictures set GEMS_MLLM=openai:MODEL, "
            "and GEMS_MLLM_BASE_URL for a server of your own"
        )
        return Health(says, note=True)
