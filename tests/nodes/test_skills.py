"""Skills of a run: chosen by the planner or by the caller, one or several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gems.errors import InputError
from gems.graphs.refinement import build_graph
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.settings import Settings


def run(tmp_path: Path, planned: str, **options: Any) -> tuple[FakeMLLM, dict[str, Any]]:
    mllm = FakeMLLM(
        planner={"skill": planned},
        skill_writer={"prompt": "on the left: a cat"},
        decomposer={"questions": [{"question": "Is there a cat?"}]},
        verifier={"verdict": "yes"},
    )
    graph = build_graph(settings=Settings(home=tmp_path), mllm=mllm, generator=FakeGenerator())
    context = RunContext(memory=False, **options)
    return mllm, dict(graph.invoke({"prompt": "a cat"}, context=context))


@pytest.mark.parametrize("how", ["by the caller", "by the planner"])
def test_two_skills_write_one_prompt(tmp_path: Path, how: str) -> None:
    both = "spatial+text-rendering"
    options = {"skill": both} if how == "by the caller" else {}
    mllm, result = run(tmp_path, both, **options)
    [fields] = mllm.asked("skill_writer")
    assert "# Spatial arrangement" in fields["skill"] and "# Text" in fields["skill"]
    assert result["skill"] == both and result["rounds"][0]["prompt"] == "on the left: a cat"


def test_the_writer_sees_the_generators_card(tmp_path: Path) -> None:
    mllm, _ = run(tmp_path, "spatial")
    assert mllm.asked("skill_writer")[0]["generator"] == {"name": "fake"}


def test_one_unknown_name_among_several_is_refused_or_a_warning(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no skill is called 'magic'"):
        run(tmp_path, "none", skill="spatial+magic")
    mllm, result = run(tmp_path, "spatial+magic")
    assert result["skill"] is None and "magic" in result["warnings"][0]
    assert not mllm.asked("skill_writer")
