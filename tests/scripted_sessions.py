"""Sessions over fakes whose first picture fails and whose second is right."""

from __future__ import annotations

import asyncio
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


def slow_generator(seconds: float) -> FakeGenerator:
    """Takes its time over every batch."""

    class Slow(FakeGenerator):
        async def draw(self, draws: Any, on_step: Any = None) -> Any:
            await asyncio.sleep(seconds)
            return await super().draw(draws, on_step)

    return Slow()
