"""The loop: what it does with verdicts, limits and failing roles."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gems.errors import AnswerError, InputError, UnreachableError
from gems.graphs.refinement import build_graph
from gems.memory.fakes import FakeExperiences
from gems.memory.images import ImageStore
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.settings import Settings
from langgraph.checkpoint.memory import InMemorySaver

QUESTIONS = [
    {"question": "Is there a cat?", "statement": "a cat", "kind": "object"},
    {"question": "Is the cat red?", "statement": "a red cat", "kind": "attribute", "depends_on": 1},
    {"question": "Is there a dog?", "statement": "a dog", "kind": "object"},
]
PASS, FAIL = {"verdict": "yes"}, {"verdict": "no", "reason": "not there"}


def by_question(**answers: list[str]) -> Any:
    """A verifier that answers each question, by its last word, from a list, one a picture."""
    seen: dict[str, int] = {}

    def answer(fields: dict[str, Any], images: list[Path]) -> dict[str, Any]:
        key = fields["question"].split()[-1].strip("?")
        number = seen.get(key, 0)
        seen[key] = number + 1
        values = answers.get(key, ["yes"])
        return {"verdict": values[min(number, len(values) - 1)], "reason": "seen"}

    return answer


def fake_mllm(**roles: Any) -> FakeMLLM:
    usual: dict[str, Any] = {
        "planner": {"skill": "none"},
        "decomposer": {"questions": QUESTIONS},
        "verifier": PASS,
        "compressor": {"experience": "say it first"},
        "refiner": {"action": "rewrite", "prompt": "a red cat and a dog", "covers": []},
    }
    return FakeMLLM(**{**usual, **roles})


class Bench:
    """A graph with fakes."""

    def __init__(self, tmp_path: Path, mllm: FakeMLLM, **parts: Any) -> None:
        self.mllm = mllm
        self.generator = FakeGenerator()
        self.settings = Settings(home=tmp_path / "home")
        self.graph = build_graph(
            settings=self.settings,
            mllm=mllm,
            generator=self.generator,
            images=ImageStore(tmp_path / "images"),
            **parts,
        )

    def run(self, prompt: str = "a red cat and a dog", **knobs: Any) -> dict[str, Any]:
        context = RunContext(**{"seed": 7, "memory": False, "verify": "each", **knobs})
        result: dict[str, Any] = self.graph.invoke({"prompt": prompt}, context=context)
        return result


def test_ends_after_the_first_round_when_everything_passes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm())
    result = bench.run()
    assert (result["outcome"], result["passed"], result["total"]) == ("all_passed", 3, 3)
    assert [draw.seed for draw in bench.generator.history] == [7]
    assert result["usage"]["mllm_calls"] == 5
    assert Path(result["image"]).is_file()


def test_invoke_and_ainvoke_give_the_same_result(tmp_path: Path) -> None:
    one, two = (Bench(tmp_path, fake_mllm(verifier=by_question(dog=["no", "yes"]))) for _ in "ab")
    sync = one.run()
    other = asyncio.run(
        two.graph.ainvoke(
            {"prompt": "a red cat and a dog"},
            context=RunContext(seed=7, memory=False, verify="each"),
        )
    )
    sync["usage"]["seconds"] = other["usage"]["seconds"] = 0
    assert sync == other


def test_defaults_hold_without_a_context(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(), experiences=None)
    result = bench.graph.invoke({"prompt": "a cat"})
    assert result["outcome"] == "all_passed"


def test_keeps_the_best_picture_of_equals_the_earliest(tmp_path: Path) -> None:
    verifier = by_question(dog=["no", "no", "no"], cat=["yes", "yes", "no"])
    result = Bench(tmp_path, fake_mllm(verifier=verifier)).run(rounds=3)
    assert result["outcome"] == "max_rounds"
    assert result["best_round"] == 1
    assert [r["round"] for r in result["rounds"]] == [1, 2, 3]


def test_a_question_is_void_when_its_parent_fails(tmp_path: Path) -> None:
    result = Bench(tmp_path, fake_mllm(verifier=by_question(cat=["no"]))).run(rounds=1)
    verdicts = {v["question"]: v["verdict"] for v in result["rounds"][0]["verdicts"]}
    assert verdicts == {
        "Is there a cat?": "fail",
        "Is the cat red?": "not_judged",
        "Is there a dog?": "pass",
    }


def test_a_failing_judge_is_not_a_failed_picture(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(verifier=UnreachableError("away")))
    result = bench.run()
    assert result["outcome"] == "unverified"
    assert {v["verdict"] for v in result["rounds"][0]["verdicts"]} == {"not_judged"}
    assert len(bench.generator.history) == 1
    assert "away" in result["warnings"][0]


def test_no_questions_means_one_unverified_picture(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(decomposer={"questions": []}))
    result = bench.run()
    assert (result["outcome"], result["total"], len(result["rounds"])) == ("unverified", 0, 1)


def test_nothing_is_drawn_while_the_questions_could_not_be_had(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(decomposer=AnswerError("prose")))
    with pytest.raises(AnswerError, match="prose"):
        bench.run()
    assert not bench.generator.history


def test_an_unreachable_decomposer_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="away"):
        Bench(tmp_path, fake_mllm(decomposer=UnreachableError("away"))).run()


def test_unusable_compressor_and_refiner_do_not_stop_the_loop(tmp_path: Path) -> None:
    bad = AnswerError("prose")
    mllm = fake_mllm(compressor=bad, refiner=bad, verifier=by_question(dog=["no", "yes"]))
    bench = Bench(tmp_path, mllm)
    result = bench.run()
    assert result["outcome"] == "all_passed"
    first, second = bench.generator.history
    assert first.prompt == second.prompt and first.seed != second.seed
    assert "a dog" in result["rounds"][0]["experience"]
    assert len(result["warnings"]) == 2


def test_image_budget_ends_the_run_with_the_best_picture(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(verifier=by_question(dog=["no"])))
    result = bench.run(max_images=3, candidates=2)
    assert result["outcome"] == "budget"
    assert len(bench.generator.history) == result["usage"]["images"] == 3


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6, 9, 12])
def test_call_budget_is_never_exceeded(tmp_path: Path, limit: int) -> None:
    bench = Bench(tmp_path, fake_mllm(verifier=by_question(dog=["no"])))
    result = bench.run(max_mllm_calls=limit)
    assert result["outcome"] == "budget"
    assert len(bench.mllm.history) <= max(limit, 2)
    assert Path(result["image"]).is_file()


def test_time_budget_ends_the_run(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(verifier=by_question(dog=["no"])))
    assert bench.run(max_seconds=1e-6)["outcome"] == "budget"


def test_candidates_are_drawn_in_one_batch_and_the_best_is_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(verifier=by_question(dog=["no", "yes", "no"])))
    result = bench.run(candidates=3, rounds=1)
    assert len({draw.seed for draw in bench.generator.history}) == 3
    assert result["outcome"] == "all_passed"
    assert len(bench.mllm.asked("verifier")) == 9


def test_all_questions_can_be_asked_in_one_call(tmp_path: Path) -> None:
    answer = {"verdicts": [{"number": 1, "verdict": "yes"}, {"number": 3, "verdict": "no"}]}
    bench = Bench(tmp_path, fake_mllm(verifier_all=answer))
    result = bench.run(verify="together", rounds=1)
    assert [v["verdict"] for v in result["rounds"][0]["verdicts"]] == ["pass", "not_judged", "fail"]


def test_every_round_has_its_own_seed_and_a_run_can_be_repeated(tmp_path: Path) -> None:
    seeds = []
    for _ in range(2):
        bench = Bench(tmp_path, fake_mllm(verifier=by_question(dog=["no"])))
        bench.run(candidates=2, rounds=3)
        seeds.append([draw.seed for draw in bench.generator.history])
    assert seeds[0] == seeds[1] and len(set(seeds[0])) == 6


DROPS = {
    "action": "rewrite",
    "prompt": "only a dog",
    "covers": [{"number": 1, "quote": "words that are not there"}],
}


def test_a_refiner_that_drops_what_passes_is_asked_again(tmp_path: Path) -> None:
    again = {
        "action": "rewrite",
        "prompt": "a dog beside a cat with red fur",
        "covers": [{"number": 2, "quote": "a cat with red fur"}],
    }
    mllm = fake_mllm(refiner=[DROPS, again], verifier=by_question(dog=["no", "yes"]))
    bench = Bench(tmp_path, mllm)
    bench.run()
    assert bench.generator.history[1].prompt == "a dog beside a cat with red fur"
    first, second = mllm.asked("refiner")
    assert first["returned"] == {}
    assert second["returned"] == {
        "prompt": "only a dog", "no_longer_asks_for": ["a cat", "a red cat"]
    }  # fmt: skip


def test_what_is_lost_all_the_same_is_added_but_for_negations_and_texts(tmp_path: Path) -> None:
    questions = [
        *QUESTIONS,
        {"question": "Are there no people?", "statement": "no people"},
        {"question": "Is there a sign?", "statement": 'a sign that says "HI"', "kind": "text"},
    ]
    mllm = fake_mllm(
        decomposer={"questions": questions}, refiner=DROPS, verifier=by_question(dog=["no", "yes"])
    )
    bench = Bench(tmp_path, mllm)
    bench.run()
    assert bench.generator.history[1].prompt == "only a dog. a cat. a red cat."
    assert len(mllm.asked("refiner")) == 2


def test_experiences_keep_the_refiners_own_words(tmp_path: Path) -> None:
    kept = FakeExperiences()
    mllm = fake_mllm(refiner=DROPS, verifier=by_question(dog=["no", "yes"]))
    Bench(tmp_path, mllm, experiences=kept).run(memory=True)
    assert {experience.next_prompt for experience in kept.kept.values()} == {"only a dog"}


def test_the_refiner_is_not_asked_again_beyond_the_call_budget(tmp_path: Path) -> None:
    mllm = fake_mllm(refiner=DROPS, verifier=by_question(dog=["no"]))
    bench = Bench(tmp_path, mllm)
    # Planner, decomposer, three questions, compressor, refiner, one more question.
    bench.run(max_mllm_calls=8)
    assert len(mllm.asked("refiner")) == 1 and len(mllm.history) == 8


def test_the_refiner_knows_each_rounds_picture_and_what_could_not_be_decided(tmp_path: Path) -> None:
    verifier = by_question(dog=["no"], red=["cannot_tell"])
    mllm = fake_mllm(verifier=verifier)
    Bench(tmp_path, mllm).run(rounds=4, shown_images=2)
    *_, last = mllm.asked("refiner")
    assert [attempt["picture"] for attempt in last["attempts"]] == [None, 1, 2]
    assert last["attempts"][0]["undecided"] == [{"statement": "a red cat", "reason": "seen"}]


def test_the_skill_lives_as_long_as_the_run(tmp_path: Path) -> None:
    mllm = fake_mllm(
        planner={"skill": "spatial"},
        skill_writer={"prompt": "left: cat"},
        verifier=by_question(dog=["no", "yes"]),
    )
    Bench(tmp_path, mllm).run()
    assert "camera" in mllm.asked("refiner")[0]["skill"]
    plain = fake_mllm(verifier=by_question(dog=["no", "yes"]))
    Bench(tmp_path, plain).run()
    assert plain.asked("refiner")[0]["skill"] == ""


def test_resample_draws_the_same_prompt_with_another_seed(tmp_path: Path) -> None:
    mllm = fake_mllm(refiner={"action": "resample"}, verifier=by_question(dog=["no", "yes"]))
    bench = Bench(tmp_path, mllm)
    bench.run()
    first, second = bench.generator.history
    assert first.prompt == second.prompt and first.seed != second.seed


def test_experiences_are_cut_at_one_hundred_words(tmp_path: Path) -> None:
    mllm = fake_mllm(compressor={"experience": "word " * 500}, verifier=by_question(dog=["no", "yes"]))
    result = Bench(tmp_path, mllm).run()
    assert len(result["rounds"][0]["experience"].replace(" ...", "").split()) == 100


def test_a_skill_writes_the_first_prompt_and_questions_come_from_the_users_words(
    tmp_path: Path,
) -> None:
    mllm = fake_mllm(planner={"skill": "spatial"}, skill_writer={"prompt": "left: cat"})
    bench = Bench(tmp_path, mllm)
    result = bench.run()
    assert result["skill"] == "spatial"
    assert bench.generator.history[0].prompt == "left: cat"
    assert mllm.asked("decomposer") == [{"prompt": "a red cat and a dog"}]
    assert "camera" in mllm.asked("skill_writer")[0]["skill"]
    manifest = mllm.asked("planner")[0]["skills"]
    assert all(set(entry) == {"name", "description"} for entry in manifest)


def test_a_fixed_skill_needs_no_planner(tmp_path: Path) -> None:
    mllm = fake_mllm(skill_writer={"prompt": "new"})
    Bench(tmp_path, mllm).run(skill="text-rendering")
    assert not mllm.asked("planner")


def test_a_skill_the_planner_invents_is_a_warning(tmp_path: Path) -> None:
    result = Bench(tmp_path, fake_mllm(planner={"skill": "magic"})).run()
    assert result["skill"] is None and "magic" in result["warnings"][0]


def test_unknown_skill_and_bad_prompts_are_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm())
    with pytest.raises(InputError, match="no skill is called"):
        bench.run(skill="magic")
    for prompt in ("", "  \n", "x" * 100_000, "a\0b", "\ud800"):
        with pytest.raises(InputError):
            bench.run(prompt)
    with pytest.raises(InputError, match="prompt"):
        bench.graph.invoke({"nope": 1})  # type: ignore[call-overload]
    assert not bench.generator.history


def test_a_thread_can_be_used_again(tmp_path: Path) -> None:
    mllm = fake_mllm(verifier=by_question(dog=["no", "yes", "yes"]))
    saver = InMemorySaver()
    graph = build_graph(
        settings=Settings(home=tmp_path), mllm=mllm, generator=FakeGenerator(), checkpointer=saver
    )
    config: Any = {"configurable": {"thread_id": "t"}}
    context = RunContext(seed=1, memory=False)
    first = graph.invoke({"prompt": "a cat"}, config, context=context)
    second = graph.invoke({"prompt": "a cat and a dog"}, config, context=context)
    assert (len(first["rounds"]), len(second["rounds"])) == (2, 1)
    assert second["usage"]["images"] == 1 and second["thread_id"] == "t"


def test_events_tell_the_run_as_it_happens(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fake_mllm(verifier=by_question(dog=["no", "yes"])))
    context = RunContext(seed=1, memory=False)
    events = [
        event["event"]
        for event in bench.graph.stream({"prompt": "a"}, context=context, stream_mode="custom")
    ]
    assert events.count("verdict") == 6
    for name in ("planned", "requirements", "step", "drawn", "experience", "finished"):
        assert name in events


def test_importing_the_graph_loads_neither_torch_nor_chromadb() -> None:
    code = (
        "import gems.graphs.refinement, sys; "
        "sys.exit(any(m in sys.modules for m in ('torch', 'chromadb', 'diffusers')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
