"""Fakes of the protocols, for tests and for trying a graph: a queue of answers and a history."""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..errors import AnswerError, Cost
from .chat.mllm import AnswerT, Reply, Role, render_fields
from .judges.judge import Judgement, Requirement, Verdict, VerdictValue
from .pictures.card import Card
from .pictures.generator import Draw, OnStep, Picture, check_able

Scripted = (
    dict[str, Any]
    | BaseModel
    | Exception
    | Callable[[Mapping[str, Any], Sequence[Path]], dict[str, Any]]
)


class FakeMLLM:
    """Answers each role from its queue; the last answer of a queue is repeated.

    ``history`` holds (role, fields, images) of every call, ``instructions`` each role's latest ones.
    """

    name = "fake"
    steady = True
    """It says what it is told to say; False lets narrow decisions be asked about again."""

    def __init__(self, **queues: Scripted | list[Scripted]) -> None:
        self._queues: dict[str, deque[Scripted]] = defaultdict(deque)
        for role, answers in queues.items():
            self._queues[role].extend(answers if isinstance(answers, list) else [answers])
        self.history: list[tuple[str, dict[str, Any], list[Path]]] = []
        self.instructions: dict[str, str] = {}

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``; raises AnswerError for a role that nothing is scripted for."""
        render_fields(role, fields)
        self.history.append((role.name, dict(fields), list(images)))
        self.instructions[role.name] = role.instructions
        queue = self._queues[role.name]
        if not queue:
            raise AnswerError(f"nothing is scripted for the role {role.name}", Cost(requests=1))
        answer = queue.popleft() if len(queue) > 1 else queue[0]
        if isinstance(answer, Exception):
            raise answer
        data = answer(fields, images) if callable(answer) else answer
        return Reply(role.answer.model_validate(data), cost=Cost(requests=1))

    def asked(self, role: str) -> list[dict[str, Any]]:
        """The fields of every call of ``role``, in the order of the calls."""
        return [fields for name, fields, _ in self.history if name == role]


class FakeGenerator:
    """Draws plain PNGs whose colour follows from all that a draw holds; ``history`` holds every draw.

    Args:
        size: side of the pictures in pixels, where a draw names none.
        failures: what befalls the first calls, in order; None: nothing.
        card: what it can do, to stand for a generator that edits, for example; None: a seed only.
    """

    def __init__(
        self,
        size: int = 8,
        failures: Iterable[Exception | None] = (),
        card: Card | None = None,
    ) -> None:
        self._size = size
        self._failures = deque(failures)
        given = card or Card()
        self.name = given.name or "fake"
        self.card = given.model_copy(update={"name": self.name})
        self.history: list[Draw] = []

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``; raises what ``failures`` holds for this call."""
        check_able(self.card, draws)
        self.history += draws
        failure = self._failures.popleft() if self._failures else None
        if failure is not None:
            raise failure
        if on_step is not None:
            on_step(1, 1)
        return [Picture(self._paint(draw), draw.seed) for draw in draws]

    def _paint(self, draw: Draw) -> bytes:
        from PIL import Image

        words = f"{draw.prompt}|{draw.seed}"
        if draw.negative_prompt:
            words += f"|{draw.negative_prompt}"
        pictures = [path for path in (draw.source, draw.mask, *draw.references) if path]
        seen = b"".join(hashlib.sha256(path.read_bytes()).digest() for path in pictures)
        digest = hashlib.sha256(words.encode() + seen).digest()
        size = (draw.width or self._size, draw.height or self._size)
        buffer = io.BytesIO()
        Image.new("RGB", size, (digest[0], digest[1], digest[2])).save(buffer, "PNG")
        return buffer.getvalue()


class FakeJudge:
    """Judges by a table; ``history`` holds (picture, ids of requirements) of every call.

    Args:
        verdicts: by requirement id, what to say, or what befalls the call; others pass.
        kinds: the kinds it serves; None: all.
        at_once: how many requirements it wants in one call.
    """

    def __init__(
        self,
        verdicts: Mapping[str, VerdictValue | Exception] | None = None,
        *,
        name: str = "fake",
        kinds: frozenset[str] | None = None,
        at_once: int | None = None,
    ) -> None:
        self.name = name
        self.kinds = kinds
        self.at_once = at_once
        self._verdicts: dict[str, VerdictValue | Exception] = dict(verdicts or {})
        self.history: list[tuple[Path, list[str]]] = []

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``Judge``; a call costs one request, whatever it judges."""
        self.history.append((picture, [item["id"] for item in requirements]))
        verdicts: list[Verdict] = []
        for item in requirements:
            said = self._verdicts.get(item["id"])
            if isinstance(said, Exception):
                raise said
            verdicts.append(Verdict(value=said or "pass", reason=f"the table says {said or 'pass'}"))
        return Judgement(verdicts, Cost(requests=1))
