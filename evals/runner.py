"""Runs a suite through several arms side by side, block by block; resumable at any moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import GemsError, InputError
from ..graphs.session import Session
from ..memory.chroma import open_experiences
from ..memory.folders import make_folder
from ..memory.images import write_file
from ..models.chat.mllm import MLLM
from ..models.pictures.generator import Generator
from ..models.registry import Backends
from ..nodes.dependencies import Dependencies
from ..settings import Settings
from .arms import Arm
from .blocks import BlockExperiences
from .caps import NO_CAPS, Caps
from .cases import Case, Suite, seed_of
from .noise import NO_NOISE, Noise, noisy
from .records import Record, RecordFile, record_of
from .scorers import VERIFIER, Scorer, VerifierScorer, choose_scorer

BLOCK = 20
"""Prompts that run side by side in every arm."""

MODELS = (
    "mllm",
    "mllm_temperature",
    "mllm_image_side",
    "generator",
    "generator_steps",
    "generator_guidance",
    "embedder",
)
"""Settings that must be the same for a folder's records to be compared."""

OnDone = Callable[[str, Case, Record | None], None]
"""Called with an arm's name, a case, and its record; None: it failed."""


@dataclass(frozen=True)
class EvalPlan:
    """What to run, and where its files go."""

    suite: Suite
    arms: tuple[Arm, ...]
    seed: int
    out: Path
    noise: Noise = NO_NOISE
    scorer: Scorer | None = None
    """Who scores; None: see ``choose_scorer``."""
    caps: Caps = NO_CAPS

    def describe(self) -> dict[str, Any]:
        """What must be the same for a folder's files to be gone on with."""
        noise = {"noise": asdict(self.noise)} if self.noise else {}
        return {
            "suite": self.suite.name, "cases": self.suite.digest(), "seed": self.seed, **noise
        }  # fmt: skip


def read_plan(path: Path) -> dict[str, Any]:
    """What a folder's files are for.

    Raises:
        InputError: the file is none of ours.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise InputError(f"{path} cannot be read: choose another --out") from exc
    return held if isinstance(held, dict) else {}


def differ(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether two plans differ in what both of them name: versions of GEMS name more or less."""
    for name in held.keys() & wanted.keys():
        one, other = held[name], wanted[name]
        both = isinstance(one, dict) and isinstance(other, dict)
        if differ(one, other) if both else one != other:
            return True
    return False


class ArmRunner:
    """One arm at work: its own home, so its own runs and experiences, and what all arms share: the
    models and the scorer, None where the runs' own verdicts are all there is."""

    def __init__(
        self,
        arm: Arm,
        plan: EvalPlan,
        settings: Settings,
        models: tuple[MLLM, Generator],
        scorer: Scorer | None,
    ) -> None:
        self.name = arm.name
        self._arm = arm
        self._plan = plan
        self._scorer = scorer
        home = plan.out / "arms" / arm.name
        # A case has one name in every arm, and each its own runs.
        own = settings.model_copy(update={"home": home, "objects": None})
        self._experiences = BlockExperiences(open_experiences(own), home / "learned.jsonl")
        mllm, generator = models
        # Each arm has its own: what is asked again in one must not shift another's luck.
        mllm = noisy(mllm, plan.noise, plan.seed)
        deps = Dependencies(own, mllm=mllm, generator=generator, experiences=self._experiences)
        self._session = Session(deps=deps)

    async def begin(self, block: int) -> None:
        """Makes the experiences of the blocks before ``block``, counted from 0, visible.

        Raises:
            StorageError: they cannot be written to the arm's collection.
        """
        if self._arm.context.memory:
            await self._experiences.begin(block)

    async def run(self, case: Case) -> Record:
        """One case from its prompt to its score, or the rest of it where a run of it was stopped.

        Raises:
            GemsError: it could not be run to its end, or its picture could not be scored.
        """
        seed = seed_of(self._plan.seed, case)
        if self._session.index.has(case.id):
            result = await self._session.aresume(case.id)
        else:
            result = await self._session.agenerate(
                case.prompt, thread_id=case.id, seed=seed, **self._arm.options
            )
        scorer = self._scorer or VerifierScorer(result)
        return await record_of(case, self._arm, seed, result, self._plan.out, scorer)


class Runner:
    """Goes through a plan; what its folder already holds is not run again."""

    def __init__(self, plan: EvalPlan, settings: Settings, on_done: OnDone | None = None) -> None:
        self.plan = plan
        make_folder(plan.out)
        self._file = RecordFile(plan.out / "records.jsonl")
        scorer = plan.scorer or choose_scorer(plan.suite, settings)
        self._enter(settings, scorer.name if scorer else VERIFIER)
        backends = Backends(settings)
        models = backends.mllm(settings.mllm), backends.generator(settings.generator)
        self._arms = [ArmRunner(arm, plan, settings, models, scorer) for arm in plan.arms]
        self._on_done = on_done or (lambda arm, case, record: None)
        self._failures: list[GemsError] = []

    def _enter(self, settings: Settings, scorer: str) -> None:
        """Notes what the folder is for.

        Raises:
            InputError: it is for something else.
        """
        path, wanted = self.plan.out / "plan.json", self.plan.describe()
        wanted["models"] = {name: getattr(settings, name) for name in MODELS}
        wanted["scorer"] = scorer
        arms = {arm.name: arm.options for arm in self.plan.arms}
        held = read_plan(path) if path.is_file() else dict(wanted)
        held.setdefault("scorer", scorer)  # version 0.1 had none to choose from
        known = held.pop("arms", {})
        clash = any(known.get(name, options) != options for name, options in arms.items())
        if differ(held, wanted) or clash:
            raise InputError(
                f"{self.plan.out} holds a run of another suite, seed, arm, scorer or model: "
                "choose another --out"
            )
        text = json.dumps({**wanted, "arms": {**known, **arms}}, indent=1)
        write_file(path, text.encode())

    def finished(self) -> list[Record]:
        """The records of this plan's arms, by arm and then in the suite's order."""
        arms = [arm.name for arm in self.plan.arms]
        cases = {case.id: position for position, case in enumerate(self.plan.suite.cases)}
        mine = [r for r in self._file.read() if r.arm in arms and r.case in cases]
        return sorted(mine, key=lambda record: (arms.index(record.arm), cases[record.case]))

    async def run(self) -> list[Record]:
        """Runs what is missing and returns every record.

        Raises:
            GemsError: a case failed; the rest of its block is finished and kept.
            CapError: a cap was reached; it is looked at before each block.
        """
        done = {(record.arm, record.case) for record in self.finished()}
        cases = self.plan.suite.cases
        for block, start in enumerate(range(0, len(cases), BLOCK)):
            part = cases[start : start + BLOCK]
            waiting = []
            for arm in self._arms:
                await arm.begin(block)
                waiting += [(arm, case) for case in part if (arm.name, case.id) not in done]
            if waiting:
                self.plan.caps.check(self.finished())
            await asyncio.gather(*(self._one(arm, case) for arm, case in waiting))
            if self._failures:
                raise self._failures[0]
        return self.finished()

    async def _one(self, arm: ArmRunner, case: Case) -> None:
        try:
            record = await arm.run(case)
        except GemsError as exc:
            self._failures.append(exc)
            self._on_done(arm.name, case, None)
            return
        self._file.append(record)
        self._on_done(arm.name, case, record)
