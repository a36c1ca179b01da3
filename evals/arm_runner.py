"""One arm of a benchmark at work."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from ..graphs.session import Session
from ..memory.chroma import open_experiences
from ..memory.state import Usage
from ..models.registry import Backends
from ..nodes.dependencies import Dependencies
from ..settings import Settings
from .arms import Arm
from .blocks import BlockExperiences, learned_by
from .cases import Case, seed_of
from .noise import noisy
from .plan import EvalPlan
from .records import Record, record_of
from .scorers import Scorer, VerifierScorer
from .sharing import Sharing


def arm_settings(settings: Settings, home: Path) -> Settings:
    """The settings of an arm, whose runs and pictures are its own. Without a database, a case has one
    name in every arm, so that nothing may be shared."""
    own = settings.model_copy(update={"home": home})
    return own if settings.database_url else own.model_copy(update={"objects": None})


class ArmRunner:
    """One arm at work: its own home, so its own runs and experiences, and what all arms share: the
    models and the scorer, None where the runs' own verdicts are all there is."""

    def __init__(
        self,
        arm: Arm,
        plan: EvalPlan,
        settings: Settings,
        backends: Backends,
        scorer: Scorer | None,
        sharing: Sharing,
    ) -> None:
        self.name = arm.name
        self._arm = arm
        self._plan = plan
        self._scorer = scorer
        self._evaluation = sharing.name
        home = plan.out / "arms" / arm.name
        own = arm_settings(settings, home)
        remembers = plan.after is not None and arm.context.memory
        before = learned_by(plan.after, arm.name) if plan.after and remembers else []
        log = sharing.log(home / "learned.jsonl")
        self._experiences = BlockExperiences(open_experiences(own), log, before)
        # Each arm has its own: what is asked again in one must not shift another's luck.
        mllm = noisy(backends.mllm(settings.mllm), plan.noise, plan.seed)
        generator = backends.generator(settings.generator)
        self._deps = Dependencies(
            own, mllm=mllm, generator=generator, experiences=self._experiences, backends=backends
        )
        self._session = Session(deps=self._deps)

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
        thread, begun = await asyncio.to_thread(self._thread, case)
        if begun:
            result = await self._session.aresume(thread)
        else:
            result = await self._session.agenerate(
                case.prompt, thread_id=thread, seed=seed, **self._plan.options_of(self._arm)
            )
        scorer = self._scorer or VerifierScorer(result)
        return await record_of(case, self._arm, seed, result, self._plan.out, scorer)

    def check_prices(self) -> None:
        """Sees that it can be known what the arm's runs cost.

        Raises:
            InputError: a model has no price.
        """
        self._deps.check_prices(self._arm.context)

    async def used_by(self, cases: Sequence[Case]) -> list[Usage]:
        """What those of ``cases`` have used that were begun."""
        found = []
        for case in cases:
            thread, begun = await asyncio.to_thread(self._thread, case)
            if begun:
                found.append((await self._session.areport(thread))["usage"])
        return found

    def _thread(self, case: Case) -> tuple[str, bool]:
        """The run's name, and whether it was begun. In a database, which all arms and evaluations
        share, it names them as well."""
        has = self._session.index.has
        if self._session.settings.database_url is None:
            return case.id, has(case.id)
        thread = thread_in(self._evaluation, self.name, case.id)
        return thread, has(thread)


def thread_in(evaluation: str, arm: str, case: str) -> str:
    """A run's name among all of a database: readable, and no other's."""
    whole = f"{evaluation}.{arm}.{case}"
    digest = hashlib.blake2b(whole.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{re.sub('[^A-Za-z0-9._-]', '-', whole)[-80:].lstrip('._-')}-{digest}"
