"""Sessions over fakes whose first picture fails and whose second is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gems import Session
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.settings import Settings


def scripted(**roles: Any) -> FakeMLLM:
    usual: dict[str, Any] = {
        "planner": {"skill": "none"},
        "decomposer": {"questions": [{"question": "Is there a cat?", "statement": "a cat"}]},
        "verifier": [{"verdict": "no"}, {"verdict": "yes"}],
        "compressor": {"experience": "say it first"},
        "refiner": {"action": "rewrite", "prompt": "a cat, a cat"},
    }
    return FakeMLLM(**{**usual, **roles})


def session_with(tmp_path: Path, **parts: Any) -> Session:
    usual = {"mllm": scripted(), "generator": FakeGenerator()}
    return Session(Settings(home=tmp_path), **{**usual, **parts})
