"""Experiences for tests, and a local collection; also for processes that a test starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gems.memory.chroma import ChromaExperiences
from gems.memory.experiences import Experience
from gems.models.embedders.hashing import HashingEmbedder


def experience(prompt: str, number: int = 1, **more: Any) -> Experience:
    fields: dict[str, Any] = {
        "text": f"about {prompt}",
        "prompt": prompt,
        "thread": "t",
        "round": number,
        "skill": "none",
        "generator": "g",
        "failed": ("two cats", "a dog"),
        "action": "rewrite",
        "next_prompt": "cats, two of them",
        "gained": 2,
    }
    return Experience(**{**fields, **more})


def local(folder: Path, dimensions: int = 512) -> ChromaExperiences:
    return ChromaExperiences(HashingEmbedder(dimensions), folder / "chroma")
