"""What a benchmark's run is: its suite, arms and seed, who scores, in which folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..settings import Settings
from .arms import Arm
from .caps import NO_CAPS, Caps
from .cases import Suite
from .noise import NO_NOISE, Noise
from .scorers import Later, Scorer

BLOCK = 20
"""Prompts that can learn nothing from each other, where an arm remembers."""

MODELS = (
    "mllm",
    "mllm_temperature",
    "mllm_image_side",
    "generator",
    "generator_steps",
    "generator_guidance",
    "embedder",
    "verifiers",
    "knowledge",
)
"""Settings that must be the same for a folder's records to be compared."""


@dataclass(frozen=True)
class EvalPlan:
    """What to run, and where its files go."""

    suite: Suite
    arms: tuple[Arm, ...]
    seed: int
    out: Path
    noise: Noise = NO_NOISE
    scorer: Scorer | None = None
    """Who scores; None: see ``choose_scorer``."""
    caps: Caps = NO_CAPS
    jobs: int = BLOCK
    """Prompts side by side in every arm."""
    after: Path | None = None
    """The folder of another evaluation; arms that remember begin with what its arms learned."""

    def options_of(self, arm: Arm) -> dict[str, Any]:
        """The options of an arm's runs. Where one picture is all, and somebody else judges it later,
        the loop need not ask about it."""
        unseen = isinstance(self.scorer, Later) and arm.draws_once
        return {**arm.options, "verify": "never"} if unseen else arm.options

    def describe(self) -> dict[str, Any]:
        """What must be the same for a folder's files to be gone on with."""
        noise = {"noise": asdict(self.noise)} if self.noise else {}
        after = "" if self.after is None else str(self.after)
        return {
            "suite": self.suite.name, "cases": self.suite.digest(), "seed": self.seed, "after": after,
            **noise,
        }  # fmt: skip


def read_plan(path: Path) -> dict[str, Any]:
    """What a folder's files are for. Errors: see ``parse_plan``."""
    try:
        return parse_plan(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path} cannot be read: choose another --out") from exc


def parse_plan(text: str, path: Path) -> dict[str, Any]:
    """The plan in a file's text.

    Raises:
        InputError: the file is none of ours.
    """
    try:
        held = json.loads(text)
    except ValueError as exc:
        raise InputError(f"{path} cannot be read: choose another --out") from exc
    return held if isinstance(held, dict) else {}


def models_of(settings: Settings) -> dict[str, Any]:
    """What a folder's records are made with, by the names of the settings; of texts that replace the
    packaged ones a digest, empty where none do."""
    found = {name: getattr(settings, name) for name in MODELS}
    folders = [*settings.prompts.split(os.pathsep), *settings.skills.split(os.pathsep)]
    return {**found, "instructions": digest_of([Path(name).expanduser() for name in folders if name])}


def digest_of(folders: Sequence[Path]) -> str:
    """16 hex digits that change with any text in folders, wherever these are; empty: there is none."""
    texts = [
        (path.relative_to(folder).as_posix(), path.read_bytes())
        for folder in folders
        for path in sorted(folder.rglob("*.md"))
        if path.is_file()
    ]
    return hashlib.blake2b(repr(texts).encode(), digest_size=8).hexdigest() if texts else ""


def differ(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether two plans differ in what both of them name: versions of GEMS name more or less."""
    return bool(differences(held, wanted))


def differences(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """What two plans differ in, with both values; see ``differ``."""
    found: list[str] = []
    for name in [name for name in wanted if name in held]:
        one, other = held[name], wanted[name]
        if isinstance(one, dict) and isinstance(other, dict):
            found += [f"{name}.{inner}" for inner in differences(one, other)]
        elif one != other:
            found.append(f"{name}: {one}, here {other}")
    return found
