"""A request that came right before, given again with the same seed: what drew that picture is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from gems.graphs.refinement import build_graph
from gems.memory.experiences import Recipe
from gems.memory.fakes import FakeExperiences
from gems.memory.images import ImageStore
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.settings import Settings
from sample_experiences import experience, local

PROMPT = "two cats"
KNOWN = Recipe("a cat on the left, a cat on the right", 99, run_seed=7)


def holding(recipe: Recipe | None = KNOWN, **more: Any) -> FakeExperiences:
    store = FakeExperiences()
    fields = {"generator": "fake", "action": "end", "solved": True, "failed": (), "thread": "before"}
    item = experience(PROMPT, **{**fields, "recipe": recipe, **more})
    store.kept = {item.id: item}
    return store


class Loop:
    """Runs of one memory, with models that say what they were asked."""

    def __init__(self, folder: Path, store: FakeExperiences, right: int = 1) -> None:
        self._folder, self.store, self._right = folder, store, right
        self.generator = FakeGenerator()
        self.mllm = FakeMLLM(
            planner={"skill": "none"},
            skill_writer={"prompt": "written anew"},
            decomposer={"questions": [{"question": "Two?", "statement": "two cats", "kind": "count"}]},
            verifier=self._look,
            compressor={"experience": "one is missing"},
            refiner={"action": "rewrite", "prompt": "a cat and another cat", "strategy": "plain"},
        )

    def _look(self, fields: Mapping[str, Any], images: Sequence[Path]) -> dict[str, Any]:
        good = len(self.generator.history) >= self._right
        return {"verdict": "yes" if good else "no", "reason": "seen"}

    def run(self, prompt: str = PROMPT, **options: Any) -> dict[str, Any]:
        graph = build_graph(
            settings=Settings(home=self._folder / "home"),
            mllm=self.mllm,
            generator=self.generator,
            images=ImageStore(self._folder / "images"),
            experiences=self.store,
        )
        context = RunContext(**{"seed": 7, "rounds": 3, **options})
        return dict(graph.invoke({"prompt": prompt}, context=context))


def test_what_came_right_is_drawn_again_at_once_and_nobody_plans_or_writes(tmp_path: Path) -> None:
    loop = Loop(tmp_path, FakeExperiences(), right=2)
    first = loop.run()
    drawn = loop.generator.history[-1]
    assert first["outcome"] == "all_passed" and first["best_round"] == 2
    asked = len(loop.mllm.asked("planner")), len(loop.mllm.asked("skill_writer"))
    second = loop.run()
    assert second["outcome"] == "all_passed" and second["best_round"] == 1
    assert loop.generator.history[-1] == drawn and len(loop.generator.history) == 3
    assert asked == (len(loop.mllm.asked("planner")), len(loop.mllm.asked("skill_writer")))


@pytest.mark.parametrize(
    "options",
    [{"seed": 8}, {"width": 512, "height": 512}, {"skill": "spatial"}, {"memory": False}],
)
def test_whoever_asks_for_something_else_gets_something_else(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    loop = Loop(tmp_path, holding())
    loop.run(**options)
    [draw] = loop.generator.history
    assert draw.prompt != KNOWN.prompt and draw.seed == options.get("seed", 7)


@pytest.mark.parametrize("prompt", ["Two cats", "two cats and a dog"])
def test_another_request_is_written_anew(tmp_path: Path, prompt: str) -> None:
    loop = Loop(tmp_path, holding())
    loop.run(prompt)
    assert [draw.seed for draw in loop.generator.history] == [7]


@pytest.mark.parametrize("change", [{"recipe": None}, {"skill": "a-skill-that-went-away"}])
def test_what_cannot_be_drawn_again_is_an_example_like_others(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    loop = Loop(tmp_path, holding(**change))
    loop.run()
    assert [(d.prompt, d.seed) for d in loop.generator.history] == [("written anew", 7)]


def test_only_the_first_candidate_is_the_known_one(tmp_path: Path) -> None:
    loop = Loop(tmp_path, holding())
    loop.run(candidates=3)
    seeds = [draw.seed for draw in loop.generator.history]
    assert seeds[0] == 99 and len(set(seeds)) == 3


def test_where_it_does_not_come_right_this_time_the_loop_goes_on(tmp_path: Path) -> None:
    loop = Loop(tmp_path, holding(), right=2)
    result = loop.run()
    assert result["outcome"] == "all_passed" and result["best_round"] == 2
    assert [draw.prompt for draw in loop.generator.history] == [KNOWN.prompt, "a cat and another cat"]


def test_what_failed_to_the_end_is_not_drawn_again(tmp_path: Path) -> None:
    loop = Loop(tmp_path, FakeExperiences(), right=99)
    loop.run(rounds=2)
    loop.run(rounds=2)
    assert loop.generator.history[2].seed == 7


@pytest.mark.parametrize("recipe", [None, KNOWN, Recipe("a\ncat", 2**31 - 1, 2**63 - 1, 16, None)])
def test_a_collection_keeps_it(tmp_path: Path, recipe: Recipe | None) -> None:
    async def kept() -> Recipe | None:
        store = local(tmp_path)
        await store.add(experience(PROMPT, recipe=recipe))
        [found] = await store.similar(PROMPT, "g", 1)
        await store.aclose()
        return found.experience.recipe

    assert asyncio.run(kept()) == recipe
