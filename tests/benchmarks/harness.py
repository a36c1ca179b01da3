"""What the benchmark harness costs beside the loop itself, with models that answer at once.

``python tests/benchmarks/harness.py [--prompts 1000]``

The same prompts, twenty side by side, once through a session alone and once through ``gems eval``'s
runner with records and layout, in turns of a fifth of them. Printed are processor seconds of both,
their ratio, and the peak memory after each turn.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gems.evals import runner as runner_module
from gems.evals.arms import Arm
from gems.evals.cases import Case
from gems.evals.plan import BLOCK, EvalPlan
from gems.evals.runner import Runner
from gems.evals.scorers import Later
from gems.evals.tasks.catalogue import open_task
from gems.evals.tasks.plan import TaskPlan, make_plan
from gems.graphs.session import Session
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.models.loop import run_blocking
from gems.nodes.context import RunContext
from gems.settings import Settings

TURNS = 5
ARM = Arm(name="gems", context=RunContext(rounds=2, skill="none", memory=False))


def mllm() -> FakeMLLM:
    """Everything passes at once."""
    return FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": f"Is part {n} there?"} for n in range(7)]},
        verifier={"verdict": "yes", "reason": "it is there"},
    )


class Models:
    """Stands in for the runner's ``Backends``."""

    stands_for = "Backends"

    def __init__(self, settings: Settings) -> None:
        pass

    def mllm(self, spec: str) -> FakeMLLM:
        return mllm()

    def generator(self, spec: str) -> FakeGenerator:
        return FakeGenerator()


async def bare(cases: Sequence[Case], home: Path) -> None:
    """The loop alone."""
    session = Session(Settings(home=home), mllm=mllm(), generator=FakeGenerator())
    options: dict[str, Any] = ARM.options
    for start in range(0, len(cases), BLOCK):
        part = cases[start : start + BLOCK]
        await asyncio.gather(
            *(session.agenerate(case.prompt, thread_id=case.id, seed=1, **options) for case in part)
        )
    await session.aclose()


def harness(plan: TaskPlan, home: Path) -> None:
    """The same through the runner, and the layout."""
    suite = EvalPlan(plan.suite, (ARM,), 0, plan.out, scorer=Later("geneval2"))
    plan.write()
    run_blocking(Runner(suite, Settings(home=home)).run())
    plan.lay_out()


def spent(work: Any) -> float:
    """Processor seconds of a call, all threads together."""
    before = time.process_time()
    work()
    return time.process_time() - before


def prompts(path: Path, count: int) -> Path:
    """A task's file of prompts."""
    path.write_text("".join(f"a door {path.stem} {n}\n" for n in range(count)))
    return path


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=1000)
    each = parser.parse_args().prompts // TURNS
    setattr(runner_module, Models.stands_for, Models)
    alone, whole = 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for turn in range(TURNS):
            data = prompts(root / f"turn{turn}.txt", each)
            plan = make_plan(
                open_task("crea"), data, root / f"out{turn}", limit=None, pictures=1, seed=0
            )
            cases = plan.suite.cases
            alone += spent(lambda c=cases, t=turn: run_blocking(bare(c, root / f"home{t}")))
            whole += spent(lambda p=plan: harness(p, root / "home"))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            done = each * (turn + 1)
            ratio = f"loop {alone:.1f} s, harness {whole:.1f} s ({whole / alone:.3f})"
            print(f"{done} prompts: {ratio}, peak {peak:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
