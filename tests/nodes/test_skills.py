"""Skills of a run: chosen by the planner or by the caller, one or several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gems.errors import AnswerError, Cost, InputError, RefusedError
from gems.graphs.refinement import build_graph
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.settings import Settings
from gems.skills.catalogue import PACKAGED, Catalogue
from odd_skills import write


def run(
    tmp_path: Path,
    planned: Any,
    *,
    writer: Any = None,
    skills: Catalogue | None = None,
    **options: Any,
) -> tuple[FakeMLLM, dict[str, Any]]:
    mllm = FakeMLLM(
        planner={"skill": planned} if isinstance(planned, str) else planned,
        skill_writer=writer or {"prompt": "on the left: a cat"},
        decomposer={"questions": [{"question": "Is there a cat?"}]},
        verifier={"verdict": "yes"},
    )
    settings, generator = Settings(home=tmp_path), FakeGenerator()
    graph = build_graph(settings=settings, mllm=mllm, generator=generator, skills=skills)
    context = RunContext(memory=False, **options)
    return mllm, dict(graph.invoke({"prompt": "a cat"}, context=context))


@pytest.mark.parametrize("how", ["by the caller", "by the planner"])
def test_two_skills_write_one_prompt(tmp_path: Path, how: str) -> None:
    both = "spatial+text-rendering"
    options: dict[str, Any] = {"skill": both} if how == "by the caller" else {}
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


@pytest.mark.parametrize("text", [None, "", "nothing", "---\nname: cats\n---\n", b"\xff\xfe"])
@pytest.mark.parametrize("how", ["by the caller", "by the planner"])
def test_a_skill_that_vanished_after_it_was_listed_is_a_warning(
    tmp_path: Path, text: str | bytes | None, how: str
) -> None:
    folder = write(tmp_path / "skills", "cats")
    skills = Catalogue([PACKAGED, tmp_path / "skills"])

    def lose(fields: Any = None, images: Any = None) -> dict[str, str]:
        (folder / "SKILL.md").unlink()
        if text is not None:
            (folder / "SKILL.md").write_bytes(text if isinstance(text, bytes) else text.encode())
        return {"skill": "cats"}

    if how == "by the caller":
        lose()
    options: dict[str, Any] = {"skill": "cats"} if how == "by the caller" else {}
    mllm, result = run(tmp_path, lose, skills=skills, **options)
    used = isinstance(text, str) and text == "nothing"
    assert bool(mllm.asked("skill_writer")) == used
    assert (result["outcome"], Path(result["image"]).is_file()) == ("all_passed", True)
    if not used:
        assert result["skill"] is None and result["rounds"][0]["prompt"] == "a cat"
        assert result["warnings"][0].startswith("skill_writer: going on without the skill 'cats': ")


def test_of_two_skills_the_one_that_is_left_is_used(tmp_path: Path) -> None:
    folder = write(tmp_path / "skills", "cats")
    skills = Catalogue([PACKAGED, tmp_path / "skills"])
    (folder / "SKILL.md").unlink()
    mllm, result = run(tmp_path, "none", skills=skills, skill="cats+spatial")
    assert result["skill"] == "spatial" and "'cats': there is no SKILL.md" in result["warnings"][0]
    assert "# Spatial arrangement" in mllm.asked("skill_writer")[0]["skill"]


def test_a_skill_whose_text_the_mllm_refuses_costs_no_run(tmp_path: Path) -> None:
    refusal = RefusedError("the MLLM refuses (400): too long a request", Cost(requests=1))
    _, result = run(tmp_path, "spatial", writer=refusal)
    assert (result["outcome"], result["skill"]) == ("all_passed", None)
    assert result["rounds"][0]["prompt"] == "a cat"
    assert result["warnings"] == [f"skill_writer: going on without the skill 'spatial': {refusal}"]
    assert result["usage"]["mllm_calls"] == 4
    _, result = run(tmp_path, "spatial", writer=AnswerError("no JSON"))
    assert result["skill"] == "spatial" and "no JSON" in result["warnings"][0]
