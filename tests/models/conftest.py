"""Tiny diffusers pipelines on disk, and generators that are closed again.

Torch and diffusers are imported by who asks for a fixture: most tests of models need neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from gems.settings import Settings

if TYPE_CHECKING:
    from gems.models.pictures.diffusers.adapter import DiffusersGenerator
    from gems.models.pictures.presets import Preset


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    import tiny_pipelines as tiny

    return tiny.save_all(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def opened(folders: dict[str, Path]) -> Iterator[dict[str, DiffusersGenerator]]:
    """A generator of each family, batches of up to 4 unless its folder says otherwise."""
    from gems.models.pictures.diffusers.adapter import DiffusersGenerator

    home = Settings(home=Path("unused"))
    made = {name: DiffusersGenerator.open(f"diffusers:{path}", home) for name, path in folders.items()}
    yield made
    for generator in made.values():
        generator.close()


@pytest.fixture
def hand_in() -> Iterator[Callable[..., DiffusersGenerator]]:
    """Makes generators of pipelines at hand, and closes them."""
    from diffusers_bench import SMALL
    from gems.models.pictures.diffusers.adapter import DiffusersGenerator

    made: list[DiffusersGenerator] = []

    def build(pipeline: Any, preset: Preset = SMALL, **settings: Any) -> DiffusersGenerator:
        chosen = Settings(home=Path("unused"), **settings)
        made.append(DiffusersGenerator(pipeline=pipeline, settings=chosen, preset=preset))
        return made[-1]

    yield build
    for generator in made:
        generator.close()
