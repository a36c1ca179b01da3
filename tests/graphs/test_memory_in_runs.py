"""What memory does in a run: who is told what, what is kept of a round, and what its failures cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from gems.errors import Cost, RefusedError, StorageError
from gems.graphs.refinement import build_graph
from gems.memory.experiences import Experience
from gems.memory.fakes import FakeExperiences
from gems.memory.images import ImageStore
from gems.memory.older import completed
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.settings import Settings
from sample_experiences import experience

PROMPT = "a red cat and a dog"
QUESTIONS = [
    {"question": "Is there a cat?", "statement": "a cat", "kind": "object"},
    {"question": "Are there two?", "statement": "two cats", "kind": "count"},
    {"question": "Is there a dog?", "statement": "a dog", "kind": "object"},
]
WORDS = ("cat", "two", "dog")
Answer = Callable[[Mapping[str, Any], Sequence[Path]], dict[str, Any]]


def looks(*pictures: str) -> Answer:
    """A verifier that says of each picture in turn what of ``WORDS`` it shows."""
    seen: list[Path] = []

    def verify(fields: Mapping[str, Any], images: Sequence[Path]) -> dict[str, Any]:
        if images[-1] not in seen:
            seen.append(images[-1])
        shown = pictures[min(seen.index(images[-1]), len(pictures) - 1)]
        there = any(word in fields["question"] and word in shown for word in WORDS)
        return {"verdict": "yes" if there else "no", "reason": "seen"}

    return verify


def run(
    tmp_path: Path, store: FakeExperiences, verify: Answer, prompt: str = PROMPT, **roles: Any
) -> tuple[FakeMLLM, FakeGenerator, dict[str, Any]]:
    usual: dict[str, Any] = {
        "planner": {"skill": "none"},
        "skill_writer": {"prompt": "written after what was learned"},
        "decomposer": {"questions": QUESTIONS},
        "verifier": verify,
        "compressor": {"experience": "say it first", "about_generator": "It draws what is negated."},
        "refiner": {"action": "rewrite", "prompt": "a cat, two, a dog", "strategy": "Use digits"},
    }
    mllm, generator = FakeMLLM(**{**usual, **roles}), FakeGenerator()
    graph = build_graph(
        settings=Settings(home=tmp_path / "home"),
        mllm=mllm,
        generator=generator,
        images=ImageStore(tmp_path / "images"),
        experiences=store,
    )
    result = graph.invoke({"prompt": prompt}, context=RunContext(seed=7, rounds=3))
    return mllm, generator, dict(result)


def holding(*kept: Experience) -> FakeExperiences:
    store = FakeExperiences()
    store.kept = {item.id: item for item in kept}
    return store


def solved(prompt: str = PROMPT, **more: Any) -> Experience:
    return experience(prompt, generator="fake", action="end", solved=True, failed=(), **more)


def test_each_requirement_is_credited_by_itself(tmp_path: Path) -> None:
    store = FakeExperiences()
    run(tmp_path, store, looks("dog", "cat dog", "cat two"))
    first, second, *_ = store.kept.values()
    assert (first.fixed, first.unfixed, first.broken) == (("object",), ("count",), ())
    assert (second.fixed, second.unfixed, second.broken) == (("count",), (), ("object",))
    assert first.strategy == "digits" and first.about_generator == "It draws what is negated."


def test_without_memory_of_such_requests_the_users_words_are_drawn_and_nobody_is_asked(
    tmp_path: Path,
) -> None:
    other = solved("the periodic table as a poster")
    mllm, generator, _ = run(tmp_path, holding(other), looks("cat two dog"))
    assert not mllm.asked("skill_writer") and generator.history[0].prompt == PROMPT


def test_whoever_writes_the_first_prompt_is_told_what_worked(tmp_path: Path) -> None:
    store = holding(solved(about_generator="It cannot count."))
    mllm, generator, _ = run(tmp_path, store, looks("cat two dog"))
    [asked] = mllm.asked("skill_writer")
    assert asked["recalled"][0]["outcome"] == "passed everything" and asked["skill"] == ""
    assert asked["generator_lessons"] == ["It cannot count."]
    assert generator.history[0].prompt == "written after what was learned"


def test_a_first_prompt_that_lost_a_literal_text_is_not_drawn(tmp_path: Path) -> None:
    prompt = 'a sign that says "OPEN"'
    _, generator, _ = run(tmp_path, holding(solved(prompt)), looks("cat two dog"), prompt)
    assert generator.history[0].prompt == prompt


def test_the_planner_is_told_of_skills_alone(tmp_path: Path) -> None:
    kept = [
        solved(skill="spatial"),
        experience(PROMPT, 2, generator="fake", strategy="digits", fixed=("count",), kinds=("count",)),
    ]
    mllm, _, _ = run(tmp_path, holding(*kept), looks("dog", "cat two dog"))
    [asked] = mllm.asked("planner")
    assert asked["track_record"] == [{"skill": "spatial", "right": 1, "tried": 1}]
    assert asked["experiences"] == [
        {"request": PROMPT, "skill": "spatial", "outcome": "passed everything in round 1"}
    ]
    [refiner] = mllm.asked("refiner")
    row = {"failed": "count", "strategy": "digits", "fixed": 1, "tried": 1, "broke": 0}
    assert refiner["track_record"] == [row]


def test_memory_that_fails_costs_one_attempt_and_one_warning(tmp_path: Path) -> None:
    store = FakeExperiences()
    tried: list[str] = []

    class Broken(FakeExperiences):
        def _check(self) -> None:
            tried.append("once")
            raise StorageError("the collection is busy")

    store = Broken()
    _, _, result = run(tmp_path, store, looks("dog", "dog", "cat two dog"))
    assert tried == ["once"]
    assert result["warnings"] == ["memory: the collection is busy"]
    assert result["outcome"] == "all_passed"


def test_a_context_that_is_too_long_is_asked_again_without_memory(tmp_path: Path) -> None:
    def refine(fields: Mapping[str, Any], images: Sequence[Path]) -> dict[str, Any]:
        if fields["recalled"]:
            said = "400: This model's maximum context length is 4096 tokens, you requested 56000"
            raise RefusedError(said, Cost(requests=1))
        return {"action": "rewrite", "prompt": "a cat, two, a dog", "strategy": "digits"}

    looked = looks("dog", "cat two dog")
    mllm, _, result = run(tmp_path, holding(solved()), looked, refiner=refine)
    first, second = mllm.asked("refiner")
    assert first["recalled"] and not second["recalled"] and not second["generator_lessons"]
    assert result["outcome"] == "all_passed"


@pytest.mark.parametrize("kept", [[solved()], []])
def test_what_is_refused_for_good_is_not_asked_again(tmp_path: Path, kept: list[Experience]) -> None:
    said = "400: no such thing" if kept else "400: maximum context length is 4096 tokens"
    mllm, _, result = run(tmp_path, holding(*kept), looks("dog"), refiner=RefusedError(said))
    assert len(mllm.asked("refiner")) == 1 and result["outcome"] == "failed"


def test_state_of_older_versions_has_no_lessons() -> None:
    state = completed({"prompt": "a cat"})
    assert state["generator_lessons"] == {} and state["recalled_lessons"] == []
