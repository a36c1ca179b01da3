"""Plays recorded answers back. What is asked otherwise than it was recorded is shown as a diff."""

from __future__ import annotations

import difflib
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...errors import BackendError, Cost, GemsError, InputError
from ..capabilities import Health
from .answers import describe
from .likelihood import Token
from .mllm import AnswerT, Reply, Role
from .recorder import FAILURES, read_entries
from .recording import Request, request_of

CONTEXT = 1
"""Unchanged lines around a change that a diff shows."""
LONGEST_LINE = 240
FAILED: dict[str, type[GemsError]] = {kind.__name__: kind for kind in FAILURES}


class ChangedRequestError(InputError):
    """A request that the recording does not hold.

    Attributes:
        role: who asked.
        changed: the parts of the request that differ from the most similar recorded one.
        details: the differences, as a diff from what was recorded to what is asked.
    """

    def __init__(self, path: Path, request: Request, recorded: Request | None) -> None:
        self.role = request.role
        self.changed = [] if recorded is None else changed_parts(recorded, request)
        what = f"differs in {', '.join(self.changed)}" if recorded else "was never recorded"
        super().__init__(
            f"{path}: a request of the {request.role} {what}; record it anew with record:{path}:SPEC"
        )
        self.details = "\n".join(diff_of(recorded, request)) if recorded else ""


class ReplayMLLM:
    """The answers of a recording; see ``MLLM``. One that was asked several times is answered in the
    recorded order, and the last answer again from then on.

    Raises:
        InputError: the file holds no recorded answers.
    """

    def __init__(self, spec: str, path: Path) -> None:
        self.name = spec
        self._path = path
        self._lock = threading.Lock()
        entries = read_entries(path)
        told = {entry["told"]: str(entry["text"]) for entry in entries if "text" in entry}
        self.steady = any(entry.get("steady") is True for entry in entries)
        self._answers: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._requests: dict[str, list[Request]] = defaultdict(list)
        for entry in entries:
            if (request := recorded_request(entry, told)) is not None:
                self._answers[request.digest].append(entry)
                self._requests[request.role].append(request)
        if not self._answers:
            raise InputError(f"{path} holds no recorded answers: record some with record:{path}:SPEC")

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``. Costs what the recorded answer cost.

        Raises:
            ChangedRequestError: nobody asked that when it was recorded.
        """
        request = await request_of(role, fields, images)
        entry = self._next(request)
        cost = cost_in(entry.get("usage"))
        if "failure" in entry:
            raise failure_in(entry, cost)
        try:
            answer = role.answer.model_validate(entry.get("answer"))
        except ValidationError as exc:
            raise InputError(
                f"{self._path}: an answer of the {role.name} is none any more ({describe(exc)}): "
                f"record it anew"
            ) from exc
        tokens = tuple(Token(text, likelihoods) for text, likelihoods in entry.get("tokens", ()))
        return Reply(answer, str(entry.get("reasoning") or ""), cost, tokens)

    async def check(self) -> Health:
        """See ``Checkable``."""
        held = ", ".join(f"{len(asked)} of the {role}" for role, asked in self._requests.items())
        return Health(f"recorded answers in {self._path}: {held}")

    def _next(self, request: Request) -> dict[str, Any]:
        with self._lock:
            queue = self._answers.get(request.digest)
            if queue:
                return queue.popleft() if len(queue) > 1 else queue[0]
        raise ChangedRequestError(self._path, request, nearest(request, self._requests[request.role]))


def recorded_request(entry: Mapping[str, Any], told: Mapping[str, str]) -> Request | None:
    """The request of a line; None: the line holds no call."""
    fields, pictures = entry.get("fields"), entry.get("pictures")
    text = told.get(str(entry.get("told")))
    if not isinstance(fields, dict) or not isinstance(pictures, list) or text is None:
        return None
    return Request(str(entry.get("role")), text, fields, tuple(map(str, pictures)))


def failure_in(entry: Mapping[str, Any], cost: Cost) -> GemsError:
    """The error that a line holds."""
    kind, message = FAILED.get(str(entry["failure"]), InputError), str(entry.get("message"))
    return kind(message, cost) if issubclass(kind, BackendError) else kind(message)


def cost_in(usage: object) -> Cost:
    """What a line says that its answer cost."""
    held = usage if isinstance(usage, dict) else {}
    return Cost(*(int(held.get(name, 0)) for name in ("requests", "input_tokens", "output_tokens")))


def nearest(request: Request, recorded: Sequence[Request]) -> Request | None:
    """The recorded request that differs least; None: there is none."""
    mine = request.parts()

    def likeness(other: Request) -> float:
        theirs = other.parts()
        same = sum(mine[name] == theirs.get(name) for name in mine)
        first = next(iter(request.fields), "")
        close = difflib.SequenceMatcher(None, mine.get(first, "")[:400], theirs.get(first, "")[:400])
        return same + close.ratio()

    return max(recorded, key=likeness, default=None)


def changed_parts(recorded: Request, asked: Request) -> list[str]:
    """The names of the parts in which two requests of one role differ."""
    one, other = recorded.parts(), asked.parts()
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


def diff_of(recorded: Request, asked: Request) -> Iterator[str]:
    """The changed parts as unified diffs, long lines cut."""
    one, other = recorded.parts(), asked.parts()
    for name in changed_parts(recorded, asked):
        lines = difflib.unified_diff(
            one.get(name, "").splitlines(),
            other.get(name, "").splitlines(),
            f"recorded {asked.role}: {name}",
            f"asked {asked.role}: {name}",
            lineterm="",
            n=CONTEXT,
        )
        yield from (
            line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..." for line in lines
        )
