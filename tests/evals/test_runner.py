"""A benchmark over fakes: what it writes, what it goes on with, who scores it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gems.errors import AccessError, CapError, GemsError, InputError, UnreachableError
from gems.evals import runner as runner_module
from gems.evals import worklist as worklist_module
from gems.evals.arms import Arm
from gems.evals.caps import Caps
from gems.evals.cases import Case, Suite, seed_of
from gems.evals.plan import EvalPlan
from gems.evals.records import Record
from gems.evals.runner import Runner
from gems.evals.scorers import Later, Score
from gems.memory.images import gems_version
from gems.models import registry
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.settings import Settings

SUITE = Suite(
    "tiny", tuple(Case(id=f"c{n}", prompt=f"scene {n}", kind="k", level=n % 2) for n in range(6))
)
ARMS = (
    Arm(name="base", context=RunContext(rounds=1, skill="none", memory=False)),
    Arm(name="loop", context=RunContext(rounds=3, skill="none", memory=True)),
)


def mllm() -> FakeMLLM:
    """Fails every first picture whose prompt was not rewritten; odd scenes never pass."""

    def verify(fields: Any, images: Any) -> dict[str, Any]:
        better = "better" in fields["question"]
        return {"verdict": "yes" if better else "no", "reason": "it is so"}

    def verify_all(fields: Any, images: Any) -> dict[str, Any]:
        return {"verdicts": [{"number": q["number"], **verify(q, images)} for q in fields["questions"]]}

    return FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": "Is it better?"}, {"question": "Is it good?"}]},
        verifier=verify,
        verifier_all=verify_all,
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


def run(plan: EvalPlan) -> list[Record]:
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
    models.hand = FakeGenerator(failures=[None] * 7 + [AccessError("no more")] * 2)
    with pytest.raises(GemsError, match="no more"):
        run(plan_in(tmp_path / "cut"))
    records = tmp_path / "cut" / "records.jsonl"
    kept = records.read_text().splitlines()
    assert kept
    # A kill in the middle of a line costs that line alone.
    records.write_text("\n".join(kept) + '\n{"case": "c1", "ar')
    models.hand = FakeGenerator()
    again = run(plan_in(tmp_path / "cut"))
    strip = {"image", "image_by_round", "seconds"}
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


def test_a_folder_of_the_version_before_is_gone_on_with(tmp_path: Path) -> None:
    whole = run(plan_in(tmp_path))
    path, records = tmp_path / "plan.json", tmp_path / "records.jsonl"
    plan = json.loads(path.read_text())
    assert plan.pop("scorer") == "verifier" and plan["arms"]["base"]["rounds"] == 1
    path.write_text(json.dumps(plan))
    old = [json.loads(line) for line in records.read_text().splitlines()][:-2]
    new_fields = {"scorer", "unjudged"}
    text = [json.dumps({k: v for k, v in line.items() if k not in new_fields}) for line in old]
    records.write_text("\n".join(text) + "\n")
    assert run(plan_in(tmp_path)) == whole


class Half:
    """A scorer: half of what it is asked about is right. It is away for the first ``away`` pictures."""

    name = "half"

    def __init__(self, away: int = 0) -> None:
        self.away = away

    async def score(self, case: Case, picture: Path) -> Score:
        if self.away:
            self.away -= 1
            raise UnreachableError("the judge is away")
        return Score(int(case.id[1:]) % 2, 1)


def test_records_are_the_scorers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "choose_scorer", lambda suite, settings, opened: Half())
    records = run(plan_in(tmp_path))
    assert {record.scorer for record in records} == {"half"}
    assert [record.correct for record in records] == [False, True] * 6
    monkeypatch.setattr(runner_module, "choose_scorer", lambda suite, settings, opened: None)
    with pytest.raises(InputError, match="scorer"):
        run(plan_in(tmp_path))


def test_a_judge_that_was_away_is_asked_again_without_another_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: type[Models]
) -> None:
    scorer = Half(away=2)
    monkeypatch.setattr(runner_module, "choose_scorer", lambda suite, settings, opened: scorer)
    with pytest.raises(UnreachableError):
        run(plan_in(tmp_path))
    assert len(run(plan_in(tmp_path))) == 12
    assert len(models.hand.history) == 6 + 6 * 3


def test_a_cap_is_never_exceeded_and_a_higher_one_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: type[Models]
) -> None:
    monkeypatch.setattr(registry, "open_mllm", lambda spec, settings: models.brain)
    monkeypatch.setattr(registry, "open_generator", lambda spec, settings: models.hand)
    drawn = []
    for most in (5, 5, 17, 24):
        capped = replace(plan_in(tmp_path), caps=Caps(images=most))
        if most < 24:
            with pytest.raises(CapError, match=f"the cap is {most}"):
                run(capped)
        else:
            assert len(run(capped)) == 12
        drawn.append(len(models.hand.history))
    assert drawn == [5, 5, 17, 24]
    asked = len(models.brain.history)
    fewer = replace(plan_in(tmp_path / "calls"), caps=Caps(mllm_calls=30))
    with pytest.raises(CapError, match="stopped at 30 mllm calls"):
        run(fewer)
    assert len(models.brain.history) == asked + 30


def test_what_was_spent_without_a_cap_counts_towards_a_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: type[Models]
) -> None:
    models.hand = FakeGenerator(failures=[None] * 7 + [AccessError("no more")] * 2)
    with pytest.raises(AccessError):
        run(plan_in(tmp_path))
    models.hand = FakeGenerator()
    monkeypatch.setattr(registry, "open_mllm", lambda spec, settings: models.brain)
    monkeypatch.setattr(registry, "open_generator", lambda spec, settings: models.hand)
    with pytest.raises(CapError):
        run(replace(plan_in(tmp_path), caps=Caps(images=10)))
    assert len(models.hand.history) == 3


def test_one_picture_that_is_judged_later_costs_no_call(tmp_path: Path, models: type[Models]) -> None:
    plan = EvalPlan(SUITE, ARMS[:1], 0, tmp_path, scorer=Later("geneval2"))
    records = run(plan)
    assert models.brain.history == [] and {record.mllm_calls for record in records} == {0}
    assert {(record.images, record.outcome) for record in records} == {(1, "unverified")}
    assert {draw.prompt for draw in models.hand.history} == {case.prompt for case in SUITE.cases}


def test_two_workers_make_what_one_makes_and_each_hears_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: type[Models]
) -> None:
    monkeypatch.setattr(worklist_module, "WAIT_SECONDS", 0.05)
    whole = run(plan_in(tmp_path / "whole"))
    models.hand = FakeGenerator()
    plan = replace(plan_in(tmp_path / "shared"), jobs=1)
    heard: list[set[tuple[str, str]]] = [set(), set()]

    def worker(number: int) -> Runner:
        return Runner(
            plan,
            Settings(home=plan.out / "home"),
            lambda arm, case, record: heard[number].add((arm, case.id)),
        )

    async def both() -> list[list[Record]]:
        return await asyncio.gather(*(worker(number).run() for number in range(2)))

    one, other = asyncio.run(both())
    strip = {"image", "image_by_round", "seconds"}
    assert one == other
    assert [r.model_dump(exclude=strip) for r in one] == [r.model_dump(exclude=strip) for r in whole]
    assert heard[0] == heard[1] == {(record.arm, record.case) for record in whole}
    assert len(models.hand.history) == 6 + 6 * 3
    lines = (plan.out / "records.jsonl").read_text().splitlines()
    assert len(lines) == 12


def recalled_at_first(models: type[Models]) -> list[str]:
    """The requests of the experiences that whoever wrote the first prompts was shown."""
    shown = [fields["recalled"] for fields in models.brain.asked("skill_writer")]
    return sorted(row["request"] for rows in shown for row in rows)


def test_a_second_pass_begins_with_what_the_first_one_learned(
    tmp_path: Path, models: type[Models]
) -> None:
    one = Suite("one", (Case(id="cat", prompt="two cats under a tree", kind="k", level=1),))
    loop = (ARMS[1],)
    run(EvalPlan(one, loop, 0, tmp_path / "first"))
    assert recalled_at_first(models) == []
    second = EvalPlan(one, loop, 1, tmp_path / "second", after=tmp_path / "first")
    run(second)
    assert set(recalled_at_first(models)) == {"two cats under a tree"}
    with pytest.raises(InputError, match="choose another --out"):
        run(replace(second, after=None))


def test_a_second_pass_needs_a_first_one_of_the_same_arms(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="the arm loop has learned nothing in .*: name another --after"
    ):
        run(replace(plan_in(tmp_path / "second"), after=tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["verifiers", "prompts", "skills"])
def test_a_worker_with_other_settings_is_told_which(tmp_path: Path, name: str) -> None:
    run(plan_in(tmp_path))
    texts = tmp_path / "texts"
    texts.mkdir()
    value = "embedded" if name == "verifiers" else str(texts)
    other = Settings(home=tmp_path / "home").model_copy(update={name: value})
    if name != "verifiers":
        Runner(plan_in(tmp_path), other)  # nothing in there yet
        (texts / "planner.md").write_text("Plan.")
    with pytest.raises(
        InputError, match=r"models\.(verifiers: mllm, here embedded|instructions: , here)"
    ):
        Runner(plan_in(tmp_path), other)


def test_another_version_of_gems_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run(plan_in(tmp_path))
    mine = gems_version()
    monkeypatch.setattr(runner_module, "gems_version", lambda: "9.9")
    for _ in range(2):
        run(plan_in(tmp_path))
    assert caplog.text.count(f"was begun with GEMS {mine}, and this is 9.9") == 1
    assert json.loads((tmp_path / "plan.json").read_text())["versions"] == [mine, "9.9"]
