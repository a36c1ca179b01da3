"""Asks a model the questions of the exam, several at once; started again it asks what is left."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import cast

from ...errors import (
    AccessError,
    AnswerError,
    GemsError,
    InputError,
    NotInWorldError,
    RefusedError,
)
from ...memory.files import write_file
from ...memory.folders import make_folder
from ...models.chat.replay import ChangedRequestError
from ...models.registry import Backends
from ...nodes.prompts import PACKAGED
from ...settings import Settings
from ..noise import NO_NOISE, Noise, noisy
from ..plan import differ, read_plan
from . import compressor, decomposer, planner, refiner, skill_writer, verifier
from .frame import (
    HERE,
    SILENT,
    Estimate,
    Exam,
    Figure,
    Probe,
    Record,
    RecordFile,
    estimate,
    share_figure,
)
from .subject import HEARD, Heard, Subject

MODULES: dict[str, ModuleType] = {
    "verifier": verifier,
    "decomposer": decomposer,
    "planner": planner,
    "skill_writer": skill_writer,
    "refiner": refiner,
    "compressor": compressor,
}
ROLES = cast("dict[str, Exam]", MODULES)
"""By name, in the order in which they are examined and reported."""
UNANSWERED_LIMIT = 0.05
LASTING = (AnswerError, RefusedError, NotInWorldError)
"""What the model would do again: it counts against it. Anything else stops the exam."""

OnDone = Callable[[Probe], None]


@dataclass(frozen=True)
class ExamPlan:
    """Whom to examine, in what, and where the files go."""

    mllm: str
    out: Path
    roles: tuple[str, ...] = tuple(ROLES)
    at_once: int = 8
    noise: Noise = NO_NOISE


def choose_roles(wanted: str | None) -> tuple[str, ...]:
    """The roles named in ``wanted``, with commas; None: all.

    Raises:
        InputError: there is no such role.
    """
    if wanted is None:
        return tuple(ROLES)
    names = tuple(name.strip() for name in wanted.split(",") if name.strip())
    unknown = [name for name in names if name not in ROLES]
    if unknown or not names:
        raise InputError(f"--roles {wanted!r} names no role: use some of {', '.join(ROLES)}")
    return tuple(name for name in ROLES if name in names)


class Examiner:
    """One exam at work.

    Raises:
        InputError: no such model, or the folder holds another exam.
        StorageError: the folder cannot be used.
    """

    def __init__(self, plan: ExamPlan, settings: Settings) -> None:
        self.plan = plan
        self.on_done: OnDone = lambda probe: None
        """Called with every question that has been answered."""
        make_folder(plan.out)
        self._backends = Backends(settings)
        mllm = noisy(self._backends.mllm(plan.mllm), plan.noise, 0)
        self.subject = Subject(mllm, settings, plan.out)
        self._enter()
        self._file = RecordFile(plan.out / "records.jsonl")
        self.probes = [p for role in plan.roles for p in ROLES[role].probes(self.subject)]
        self._changed: dict[str, ChangedRequestError] = {}
        self._halted = False

    def _enter(self) -> None:
        """Notes what the folder is for.

        Raises:
            InputError: it is for something else.
        """
        path = self.plan.out / "plan.json"
        told = "".join(self.subject.deps.prompts.text(role) for role in PACKAGED)
        wanted = {
            "exam": items_digest(),
            "mllm": self.plan.mllm,
            "told": hashlib.blake2b(told.encode(), digest_size=8).hexdigest(),
            "noise": asdict(self.plan.noise),
        }
        if path.is_file() and differ(read_plan(path), wanted):
            raise InputError(
                f"{self.plan.out} holds an exam of another model, instructions or version: "
                "choose another --out"
            )
        write_file(path, json.dumps(wanted, indent=1).encode())

    def records(self) -> list[Record]:
        """What came of the plan's questions so far."""
        held = self._file.read()
        return [held[probe.key] for probe in self.probes if probe.key in held]

    def waiting(self) -> list[Probe]:
        """The questions that are left."""
        held = self._file.read()
        return [probe for probe in self.probes if probe.key not in held]

    def estimate(self) -> Estimate:
        """What asking them costs, about."""
        return estimate(self.waiting())

    async def run(self) -> list[Record]:
        """Asks what is left and returns every record.

        Raises:
            GemsError: the model cannot be reached, or does not let us in; what was answered is kept.
            ChangedRequestError: a recording is played back that holds other requests.
        """
        turns = asyncio.Semaphore(self.plan.at_once)
        tasks = [asyncio.ensure_future(self._one(probe, turns)) for probe in self.waiting()]
        try:
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
            await self._backends.aclose()
        for error in ends:
            if isinstance(error, BaseException):
                raise error
        if self._changed:
            raise self._all_changes()
        return self.records()

    async def _one(self, probe: Probe, turns: asyncio.Semaphore) -> None:
        """Asks in turn. After a failure nobody begins; who is under way is paid for, and ends."""
        async with turns:
            if self._halted:
                return
            try:
                await self._ask(probe)
            except BaseException:
                self._halted = True
                raise

    async def _ask(self, probe: Probe) -> None:
        heard = Heard()
        HEARD.set(heard)
        outcome, error = {}, ""
        try:
            outcome = await probe.ask(heard)
        except ChangedRequestError as exc:
            self._changed.setdefault(exc.role, exc)
            return
        except AccessError:
            raise
        except LASTING as exc:
            error = str(exc)
        record = Record(
            key=probe.key,
            outcome=outcome,
            error=error,
            calls=heard.cost.requests,
            input_tokens=heard.cost.input_tokens,
            output_tokens=heard.cost.output_tokens,
        )
        await asyncio.to_thread(self._file.append, record)
        self.on_done(probe)

    def _all_changes(self) -> GemsError:
        """The first change of every role's requests as one error."""
        first = next(iter(self._changed.values()))
        first.args = (f"the requests of {', '.join(self._changed)} are not those recorded: {first}",)
        first.details = "\n".join(exc.details or str(exc) for exc in self._changed.values())
        return first


def items_digest() -> str:
    """16 hex digits that change with any item of the exam."""
    text = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.jsonl")))
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def figures_of(records: Sequence[Record]) -> list[Figure]:
    """Every figure, role by role."""
    found: list[Figure] = []
    for role, exam in ROLES.items():
        mine = [record for record in records if record.role == role]
        if mine:
            failed = [(int(bool(record.error)), 1) for record in mine]
            found.append(share_figure(role, SILENT, failed, UNANSWERED_LIMIT))
            found += exam.figures([record for record in mine if not record.error])
    return found
