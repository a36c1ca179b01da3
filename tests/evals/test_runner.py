"""A benchmark over fakes: what it writes, what it goes on with, what a prompt may remember."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from gems.errors import GemsError, InputError, RefusedError
from gems.evals import runner as runner_module
from gems.evals.arms import Arm, choose_arms, packaged_arms
from gems.evals.blocks import BlockExperiences
from gems.evals.cases import Case, Suite, load_suite, seed_of
from gems.evals.records import Record
from gems.evals.report import render, round_rows, saving_rows
from gems.evals.runner import EvalPlan, Runner
from gems.evals.score import estimate, memory_pairs, score
from gems.memory.experiences import Experience, Recalled
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.settings import Settings

SUITE = Suite(
    "tiny", tuple(Case(id=f"c{n}", prompt=f"scene {n}", kind="k", level=n % 2) for n in range(6))
)
ARMS = (
    Arm(name="base", knobs={"rounds": 1, "skill": "none", "memory": False}),
    Arm(name="loop", knobs={"rounds": 3, "skill": "none", "memory": True}),
)


def mllm() -> FakeMLLM:
    """Fails every first picture whose prompt was not rewritten; odd scenes never pass."""

    def verify(fields: Any, images: Any) -> dict[str, Any]:
        better = "better" in fields["question"]
        return {"verdict": "yes" if better else "no", "reason": "it is so"}

    return FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": "Is it better?"}, {"question": "Is it good?"}]},
        verifier=verify,
        compressor={"experience": "try harder"},
        refiner={"action": "rewrite", "prompt": "a better scene"},
    )


class Models:
    """Stands in for ``Backends``, so that the runner's own wiring is what is tested."""

    brain = mllm()
    hand = FakeGenerator()

    def __init__(self, settings: Settings) -> None:
        pass

    def mllm(self, spec: str) -> FakeMLLM:
        return self.brain

    def generator(self, spec: str) -> FakeGenerator:
        return self.hand


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> type[Models]:
    monkeypatch.setattr(runner_module, "Backends", Models)
    monkeypatch.setattr(runner_module, "BLOCK", 2)
    Models.brain, Models.hand = mllm(), FakeGenerator()
    return Models


def plan_in(folder: Path, suite: Suite = SUITE, seed: int = 0) -> EvalPlan:
    return EvalPlan(suite, ARMS, seed, folder)


def run(plan: EvalPlan) -> list[Any]:
    return asyncio.run(Runner(plan, Settings(home=plan.out / "home")).run())


def test_every_arm_does_every_case_once_and_a_second_run_does_nothing(
    tmp_path: Path, models: type[Models]
) -> None:
    first = run(plan_in(tmp_path))
    assert [(r.arm, r.case) for r in first] == [(a.name, c.id) for a in ARMS for c in SUITE.cases]
    assert {r.images for r in first if r.arm == "base"} == {1}
    assert {r.images for r in first if r.arm == "loop"} == {3}
    assert all(r.seed == seed_of(0, SUITE.cases[int(r.case[1:])]) for r in first)
    drawn = len(models.hand.history)
    assert run(plan_in(tmp_path)) == first and len(models.hand.history) == drawn


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path, models: type[Models]) -> None:
    whole = run(plan_in(tmp_path / "whole"))
    models.hand = FakeGenerator(failures=[None] * 7 + [RefusedError("no more")] * 2)
    with pytest.raises(GemsError, match="no more"):
        run(plan_in(tmp_path / "cut"))
    records = tmp_path / "cut" / "records.jsonl"
    kept = records.read_text().splitlines()
    assert kept
    # A kill in the middle of a line costs that line alone.
    records.write_text("\n".join(kept) + '\n{"case": "c1", "ar')
    models.hand = FakeGenerator()
    again = run(plan_in(tmp_path / "cut"))
    strip = {"image"}
    assert [r.model_dump(exclude=strip) for r in again] == [r.model_dump(exclude=strip) for r in whole]
    assert all(json.loads(line) for line in records.read_text().splitlines() if '"total"' in line)


def test_a_kill_while_a_case_is_entered_costs_nothing(tmp_path: Path) -> None:
    entry = tmp_path / "arms" / "base" / "runs" / "c0.json"
    entry.parent.mkdir(parents=True)
    entry.touch()
    assert len(run(plan_in(tmp_path))) == 12 and entry.stat().st_size


def test_a_folder_is_for_one_suite_seed_and_generator(tmp_path: Path) -> None:
    run(plan_in(tmp_path))
    with pytest.raises(InputError, match="--out"):
        run(plan_in(tmp_path, seed=1))
    with pytest.raises(InputError, match="--out"):
        run(plan_in(tmp_path, Suite("tiny", SUITE.cases[:2])))
    other = Settings(home=tmp_path / "home", generator_guidance=1.5)
    with pytest.raises(InputError, match="or model: choose another --out"):
        Runner(plan_in(tmp_path), other)


class Kept:
    """An experience store that keeps what it is given."""

    def __init__(self) -> None:
        self.added: list[str] = []

    async def add(self, experience: Experience) -> None:
        self.added.append(experience.id)

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        return []


def experience(thread: str) -> Experience:
    return Experience("t", "p", thread, 1, "none", "fake", ("x",), "rewrite", "q", 1)


def test_experiences_show_a_block_later_in_a_fixed_order_also_after_a_kill(tmp_path: Path) -> None:
    async def scenario() -> None:
        log, first = tmp_path / "log.jsonl", Kept()
        store = BlockExperiences(first, log)
        await store.begin(0)
        await store.add(experience("b"))
        await store.add(experience("a"))
        assert first.added == []
        await store.begin(1)
        assert first.added == ["a/1", "b/1"]
        await store.add(experience("c"))
        with log.open("a") as file:
            file.write('{"block": 1, "exp')
        await store.add(experience("d"))
        second = Kept()
        again = BlockExperiences(second, log)
        await again.begin(1)
        assert second.added == ["a/1", "b/1"]
        await again.begin(2)
        assert second.added == ["a/1", "b/1", "c/1", "d/1"]

    asyncio.run(scenario())


def test_figures_are_paired_and_the_same_twice(tmp_path: Path) -> None:
    records = run(plan_in(tmp_path))
    records = [r.model_copy(update={"correct": r.arm == "loop" and r.case != "c0"}) for r in records]
    scores = score(records, ARMS)
    assert scores == score(records, ARMS)
    base, loop = scores.arms
    assert (base.correct.mean, round(loop.correct.mean, 1)) == (0.0, 83.3)
    [gain] = scores.differences
    assert (gain.arm, gain.over) == ("loop", "base")
    assert round(gain.correct.mean, 1) == 83.3 and 0 < gain.correct.low < gain.correct.high <= 100
    assert gain.images.mean == 2.0 and loop.halves == (3.0, 3.0)
    head, *rows = round_rows(scores.arms)
    assert head[1:] == ["1", "2", "3"]
    assert rows == [["base", "0.0", "0.0", "0.0"], ["loop", *(f"{v:.1f}" for v in loop.by_round)]]
    page = render("<tiny>", scores, tmp_path)
    assert "&lt;tiny&gt;" in page and "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert page.count("data:image/jpeg;base64,") == 6 + 1


def record(arm: str, case: int, images: int, correct: bool = True) -> Record:
    return Record(
        case=f"c{case}",
        arm=arm,
        kind="count",
        level=1,
        prompt="p",
        seed=1,
        thread_id="t",
        outcome="all_passed" if correct else "max_rounds",
        correct=correct,
        passed=2 if correct else 1,
        total=2,
        images=images,
        mllm_calls=3,
        rounds=images,
        best_by_round=[2 if correct else 1] * images,
        skill=None,
        image="i.png",
    )


def test_what_memory_saves_is_the_share_of_pictures_in_the_second_half(tmp_path: Path) -> None:
    assert memory_pairs(packaged_arms()) == [
        ("loop+memory", "loop"),
        ("loop+memory+skills", "loop+skills"),
    ]
    records = [record("loop", n, 4) for n in range(100)]
    records += [record("loop+memory", n, 4 if n < 50 else 1 + n % 2, n != 99) for n in range(100)]
    scores = score(records, packaged_arms())
    [saved] = scores.savings
    assert (saved.arm, saved.over, saved.prompts) == ("loop+memory", "loop", 50)
    assert saved.images.mean == 62.5 and 58 < saved.images.low < 62.5 < saved.images.high < 67
    assert saved.correct.mean == -2.0
    [row] = saving_rows(scores.savings)
    assert row[0] == "loop+memory against loop" and row[-1] == "a saving"
    assert "loop+memory against loop" in render("t", scores, tmp_path)
    assert score(records[:100], packaged_arms()).savings == []


def test_an_interval_holds_the_mean_and_narrows_with_more_prompts() -> None:
    few, many = estimate([0.0, 100.0] * 10), estimate([0.0, 100.0] * 1000)
    assert few.mean == many.mean == 50.0
    assert few.low < many.low < 50 < many.high < few.high
    # The binomial's own standard error, 100 * sqrt(p (1 - p) / n), times 1.96.
    assert abs((many.high - many.low) / 2 - 1.96 * 50 / 2000**0.5) < 0.2


def test_suites_and_arms_come_from_small_files(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "a", "prompt": "two cats"}\n\n{"id": "b", "prompt": "a dog", "level": 2}\n')
    suite = load_suite(str(file))
    assert (suite.name, [case.prompt for case in suite.cases]) == ("mine", ["two cats", "a dog"])
    arm = tmp_path / "wide.toml"
    arm.write_text('name = "wide"\n[knobs]\ncandidates = 3\n')
    assert [a.name for a in choose_arms(f"{arm},base")] == ["base", "wide"]
    assert [a.name for a in choose_arms(None)] == [
        arm.name for arm in packaged_arms() if arm.name != "loop+skills"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no cases"),
        ("nonsense", "line 1"),
        ('{"id": "a", "prompt": ""}', "prompt"),
        ('{"id": "a", "prompt": "x"}\n{"id": "a", "prompt": "y"}', "same id"),
        ('{"id": "../a", "prompt": "x"}', "id"),
    ],
)
def test_a_bad_suite_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "s.jsonl").write_text(text)
    with pytest.raises(InputError, match=words):
        load_suite(str(tmp_path / "s.jsonl"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "cannot be read"),
        ('name = "a"\n[knobs]\nrounds = 0', "rounds"),
        ('name = "a"\n[knobs]\nspeed = 1', "speed"),
        ('name = "a"\n[knobs]\nseed = 1', "the same in every arm"),
        ('name = "a/b"', "name"),
    ],
)
def test_a_bad_arm_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        choose_arms(str(tmp_path / "a.toml"))


def test_what_does_not_exist_is_said() -> None:
    with pytest.raises(InputError, match="no suite 'nothing'.*shapes"):
        load_suite("nothing")
    with pytest.raises(InputError, match="no arm 'nothing'.*base"):
        choose_arms("nothing")
    with pytest.raises(InputError, match="twice"):
        choose_arms("base,base")
