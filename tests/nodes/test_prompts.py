"""The roles' instructions: packaged, replaced by a folder, replaced for a run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from gems.errors import InputError
from gems.graphs.refinement import build_graph
from gems.memory.experiences import WORD_LIMIT
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.models.judges.mllm import INSTRUCTIONS
from gems.nodes.context import RunContext
from gems.nodes.prompts import HERE, PACKAGED, Prompts, packaged_prompt
from gems.settings import Settings
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

ANSWERS: dict[str, Any] = {
    "planner": {"skill": "none"},
    "decomposer": {"questions": [{"question": "Is there a cat?"}, {"question": "Is there a dog?"}]},
    "verifier": {"verdict": "no"},
    "verifier_all": {"verdicts": [{"number": 1, "verdict": "no"}]},
    "compressor": {"experience": "say it first"},
    "refiner": {"action": "rewrite", "prompt": "a cat"},
    "skill_writer": {"prompt": "a cat"},
    "clarifier": {"questions": ["Which cat?"]},
    "reviser": {"request": "a black cat"},
}


def told(tmp_path: Path, settings: Settings, **options: object) -> dict[str, str]:
    """What each role was told in a run of two rounds."""
    mllm = FakeMLLM(**ANSWERS)
    saver = InMemorySaver()
    graph: Any = build_graph(
        settings=settings, mllm=mllm, generator=FakeGenerator(), checkpointer=saver
    )
    context = RunContext.model_validate({"rounds": 2, "memory": False, "verify": "each", **options})
    thread: Any = {"configurable": {"thread_id": "1"}}
    graph.invoke({"prompt": "a cat"}, thread, context=context)
    if context.ask:
        graph.invoke(Command(resume={"answers": {"c1": "a black one"}}), thread)
    return mllm.instructions


def test_every_file_of_instructions_is_a_roles_and_holds_no_variables() -> None:
    files = {
        path.stem for folder in (HERE, INSTRUCTIONS["verifier"].parent) for path in folder.glob("*.md")
    }
    assert files == set(PACKAGED)
    for role in PACKAGED:
        assert not set("{}$") & set(packaged_prompt(role))
    assert f"at most {WORD_LIMIT} words" in packaged_prompt("compressor").replace("\n", " ")


def test_every_role_is_told_its_file(tmp_path: Path) -> None:
    said = told(tmp_path, Settings(home=tmp_path), skill="spatial")
    assert {"skill_writer", "decomposer", "verifier", "compressor", "refiner"} == set(said)
    assert all(said[role] == packaged_prompt(role) for role in said)


def test_a_folder_replaces_some(tmp_path: Path) -> None:
    (tmp_path / "refiner.md").write_text("Refine {like} $this.\n")
    said = told(tmp_path, Settings(home=tmp_path, prompts=str(tmp_path)))
    assert said["refiner"] == "Refine {like} $this."
    assert said["planner"] == packaged_prompt("planner")


@pytest.mark.parametrize("role", sorted(PACKAGED))
def test_a_run_replaces_any_of_them(tmp_path: Path, role: str) -> None:
    (tmp_path / f"{role}.md").write_text("the folder's")
    more: dict[str, Any] = {
        "skill_writer": {"skill": "spatial"},
        "verifier_all": {"verify": "together"},
    }
    more |= {"clarifier": {"ask": True}, "reviser": {"ask": True}}
    options = {f"{role}_prompt": "mine alone", **more.get(role, {})}
    said = told(tmp_path, Settings(home=tmp_path, prompts=str(tmp_path)), **options)
    assert said[role] == "mine alone"


def test_an_empty_override_is_none(tmp_path: Path) -> None:
    assert Prompts().text("planner", " \n") == packaged_prompt("planner")


def test_bad_folders_and_files_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InputError, match=r"GEMS_PROMPTS=.*nowhere is no folder"):
        Prompts(tmp_path / "nowhere")
    (tmp_path / "refine.md").write_text("typo")
    with caplog.at_level(logging.WARNING):
        Prompts(tmp_path)
    assert "refine.md is no role's" in caplog.text
    (tmp_path / "planner.md").write_text(" \n")
    with pytest.raises(InputError, match="empty"):
        Prompts(tmp_path)
    (tmp_path / "planner.md").write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read"):
        Prompts(tmp_path)
