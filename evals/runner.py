"""Runs a suite through several arms side by side, by as many workers as there are; resumable at any
moment."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import GemsError, InputError
from ..memory.folders import make_folder
from ..memory.images import gems_version
from ..models.registry import Backends
from ..settings import Settings
from .arm_runner import ArmRunner
from .capped_backends import CappedBackends
from .caps import KINDS, Purse
from .cases import Case
from .money import Costs, money_purse
from .plan import BLOCK, EvalPlan, differences, models_of, parse_plan
from .records import Record, RecordFile
from .scorers import VERIFIER, JudgeScorer, Scorer, choose_scorer
from .sharing import alone, open_sharing
from .worklist import Pieces, Worklist

logger = logging.getLogger("gems.evals")
OnDone = Callable[[str, Case, Record | None], None]
"""Called with an arm's name, a case, and its record; None: it failed."""


class Runner:
    """Goes through a plan; what its folder already holds is not run again."""

    def __init__(self, plan: EvalPlan, settings: Settings, on_done: OnDone | None = None) -> None:
        settings = repeatable(settings)
        self.plan = plan
        make_folder(plan.out)
        self._sharing = open_sharing(settings, plan.out)
        records = plan.out / "records.jsonl"
        self._file = RecordFile(records, self._sharing.log(records))
        self._costs = Costs(settings)
        self._purse = Purse(plan.caps, plan.out, self._sharing)
        self._money = money_purse(plan.caps, plan.out, self._sharing)
        backends = Backends(settings)
        if plan.caps:
            backends = CappedBackends(settings, self._purse, self._money, self._costs.prices)
        scorer = plan.scorer or choose_scorer(
            plan.suite, settings, backends.judge if plan.caps else None
        )
        with alone(self._sharing, "plan"):
            self._enter(settings, scorer.name if scorer else VERIFIER)
        self._arms = [
            ArmRunner(arm, plan, settings, backends, scorer, self._sharing) for arm in plan.arms
        ]
        if self._money:
            self._check_prices(scorer)
        self._on_done = on_done or (lambda arm, case, record: None)
        self._told = {(record.arm, record.case) for record in self.finished()}

    def _check_prices(self, scorer: Scorer | None) -> None:
        """Sees that it can be known what the plan costs.

        Raises:
            InputError: a model has no price.
        """
        for arm in self._arms:
            arm.check_prices()
        if isinstance(scorer, JudgeScorer):
            self._costs.check_judge(scorer.name)

    def _enter(self, settings: Settings, scorer: str) -> None:
        """Notes what the folder is for.

        Raises:
            InputError: it is for something else.
        """
        path, wanted = self.plan.out / "plan.json", self.plan.describe()
        wanted["models"] = models_of(settings)
        wanted["scorer"] = scorer
        arms = {arm.name: arm.options for arm in self.plan.arms}
        text = self._sharing.read(path)
        held = dict(wanted) if text is None else parse_plan(text, path)
        held.setdefault("scorer", scorer)  # version 0.1 had none to choose from
        known = held.pop("arms", {})
        clashes = [f"arm {name}" for name, own in arms.items() if known.get(name, own) != own]
        if off := [*differences(held, wanted), *clashes]:
            raise InputError(
                f"{self.plan.out} holds a run of another suite, seed, arm, scorer or model: "
                f"choose another --out ({'; '.join(off)})"
            )
        versions = self._versions(held.get("versions", []))
        whole = {**wanted, "versions": versions, "arms": {**known, **arms}}
        self._sharing.write(path, json.dumps(whole, indent=1))

    def _versions(self, before: Sequence[str]) -> list[str]:
        """The versions of GEMS that worked on the folder, this one last; another one is told of."""
        mine = gems_version()
        others = [name for name in before if name != mine]
        if others and mine not in before:
            logger.warning(
                "%s was begun with GEMS %s, and this is %s: figures may mix what both do",
                self.plan.out,
                ", ".join(others),
                mine,
            )
        return [*others, mine]

    def finished(self) -> list[Record]:
        """The records of this plan's arms, by arm and then in the suite's order."""
        arms = [arm.name for arm in self.plan.arms]
        cases = {case.id: position for position, case in enumerate(self.plan.suite.cases)}
        mine = [r for r in self._file.read() if r.arm in arms and r.case in cases]
        return sorted(mine, key=lambda record: (arms.index(record.arm), cases[record.case]))

    async def run(self) -> list[Record]:
        """Runs what is missing, beside other workers on the same folder, and returns every record.

        Raises:
            GemsError: a case failed; the rest is finished and kept, as far as that is possible.
            CapError: a cap was reached; nothing beyond it was spent.
        """
        if self.plan.caps:
            await self._begin()
        try:
            for number, cases in enumerate(self._steps()):
                for arm in self._arms:
                    await arm.begin(number)
                await self._worklist().run(self._pairs(cases))
        finally:
            self._sharing.settle()
        return self.finished()

    async def _begin(self) -> None:
        """Notes what the runs of this plan spent while nobody counted, those that were stopped
        included."""
        used: list[Mapping[str, Any]] = [record.model_dump() for record in self.finished()]
        for arm in self._arms:
            used += await arm.used_by([c for c in self.plan.suite.cases if self._lacks(arm, c)])
        self._purse.begin({kind: sum(usage[kind] for usage in used) for kind in KINDS})
        if self._money:
            self._money.begin(sum(map(self._costs.of, used)))

    def _lacks(self, arm: ArmRunner, case: Case) -> bool:
        return (arm.name, case.id) not in self._file.by_pair()

    def _steps(self) -> list[Sequence[Case]]:
        """Cases that may be run in any order. Where an arm remembers, a block must be finished by all
        workers before the next begins."""
        cases = self.plan.suite.cases
        size = BLOCK if any(arm.context.memory for arm in self.plan.arms) else max(1, len(cases))
        return [cases[start : start + size] for start in range(0, len(cases), size)]

    def _pairs(self, cases: Sequence[Case]) -> list[Pair]:
        """By blocks, so that a run that is stopped has much the same cases in every arm."""
        blocks = [cases[start : start + BLOCK] for start in range(0, len(cases), BLOCK)]
        return [(arm, case) for block in blocks for arm in self._arms for case in block]

    def _worklist(self) -> Worklist[Pair]:
        pieces = Pieces(lambda pair: f"{pair[0].name}/{pair[1].id}", self._is_open, self._one)
        return Worklist(pieces, self._sharing, self.plan.jobs * len(self._arms))

    def _is_open(self, pair: Pair) -> bool:
        """Whether a pair has no record yet. One that another worker has made meanwhile is told of."""
        arm, case = pair
        record = self._file.by_pair().get((arm.name, case.id))
        if record is not None and (arm.name, case.id) not in self._told:
            self._tell(arm, case, record)
        return record is None

    def _tell(self, arm: ArmRunner, case: Case, record: Record | None) -> None:
        self._told.add((arm.name, case.id))
        self._on_done(arm.name, case, record)

    async def _one(self, pair: Pair) -> None:
        arm, case = pair
        try:
            record = await arm.run(case)
            self._file.append(record)
        except GemsError:
            self._tell(arm, case, None)
            raise
        self._tell(arm, case, record)


Pair = tuple[ArmRunner, Case]
"""What a worker takes: one case in one arm."""


def repeatable(settings: Settings) -> Settings:
    """``settings`` with which the embedded generator draws one picture at a time, unless they say
    otherwise. How many wait for it depends on timing, and pixels on how many are drawn at once: a
    difference of one, which can tip a verdict."""
    if settings.generator != "embedded" or "batch" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"batch": 1})
