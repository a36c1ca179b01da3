"""What every generator does alike. Another implementation joins with one line in ``OPENERS``."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.errors import InputError
from gems.models.capabilities import Closeable
from gems.models.fakes import FakeGenerator
from gems.models.pictures.card import Ability, Card
from gems.models.pictures.generator import Draw, Generator, Picture
from gems.models.registry import open_generator
from PIL import Image

DRAWS = [Draw("a red heart", 1), Draw("a red heart", 2), Draw("a green star", 1)]


def fake(server: FakeServer, home: Path) -> Generator:
    return FakeGenerator()


def openai(server: FakeServer, home: Path) -> Generator:
    return open_generator("openai:fake", settings_for(server, home))


def editor(server: FakeServer, home: Path) -> Generator:
    able = frozenset[Ability]({"seed", "edit", "mask", "references"})
    return FakeGenerator(card=Card(name="editor", abilities=able))


def gems_http(server: FakeServer, home: Path) -> Generator:
    return open_generator(f"gems-http:{server.url}/draw?model=x", settings_for(server, home))


def embedded(server: FakeServer, home: Path) -> Generator:
    return open_generator("embedded", settings_for(server, home))


OPENERS: dict[str, Callable[[FakeServer, Path], Generator]] = {
    opener.__name__: opener for opener in (fake, editor, openai, gems_http, embedded)
}


@pytest.fixture(params=OPENERS)
def generator(request: pytest.FixtureRequest, server: FakeServer, tmp_path: Path) -> Generator:
    return OPENERS[request.param](server, tmp_path)


def draw(generator: Generator, draws: list[Draw]) -> list[Picture]:
    return asyncio.run(generator.draw(draws))


def pixels(picture: Picture) -> np.ndarray:
    with Image.open(io.BytesIO(picture.data)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def same(one: Picture, other: Picture) -> bool:
    """No pixel differs by more than 2 of 255: what a batch may change in floating point."""
    return int(np.abs(pixels(one) - pixels(other)).max()) <= 2


def test_has_a_name_for_the_records(generator: Generator) -> None:
    assert generator.name and "\n" not in generator.name


def test_its_card_carries_its_name_and_is_json(generator: Generator) -> None:
    card = generator.card
    assert card.name == generator.name
    assert Card.model_validate_json(card.model_dump_json()) == card
    assert json.loads(json.dumps(card.for_writers()))["name"] == card.name


def test_its_card_costs_next_to_nothing(generator: Generator, server: FakeServer) -> None:
    start = time.perf_counter()
    for _ in range(20):
        assert generator.card == generator.card
    assert time.perf_counter() - start < 0.5
    assert server.heads == []


@pytest.mark.parametrize("ability", ["edit", "mask", "references", "negative_prompt"])
def test_what_it_cannot_do_is_refused_and_nothing_is_drawn(
    generator: Generator, server: FakeServer, ability: Ability, tmp_path: Path
) -> None:
    path = tmp_path / "given.png"
    Image.new("RGB", (8, 8)).save(path)
    asking: dict[Ability, Any] = {
        "edit": {"source": path},
        "mask": {"mask": path},
        "references": {"references": (path,)},
        "negative_prompt": {"negative_prompt": "fog"},
    }
    wanted = [DRAWS[0], Draw("a red heart", 1, **asking[ability])]
    if ability in generator.card.abilities:
        plain, special = draw(generator, wanted)
        assert not same(plain, special)
        return
    with pytest.raises(InputError, match=ability) as caught:
        draw(generator, wanted)
    assert generator.name in str(caught.value) and "\n" not in str(caught.value)
    assert server.heads == [] and getattr(generator, "history", []) == []


def test_lets_go_of_what_it_holds(generator: Generator) -> None:
    draw(generator, DRAWS[:1])
    if isinstance(generator, Closeable):
        for _ in range(2):
            asyncio.run(generator.aclose())


def test_draws_complete_pictures_in_order_with_their_seeds(generator: Generator) -> None:
    pictures = draw(generator, DRAWS)
    assert [picture.seed for picture in pictures] == [1, 2, 1]
    assert all(pixels(picture).size for picture in pictures)


def test_a_picture_is_the_same_alone_and_among_others(generator: Generator) -> None:
    among = draw(generator, DRAWS)
    alone = draw(generator, DRAWS[1:2])
    assert same(alone[0], among[1])


def test_draws_from_several_calls_at_once_and_any_event_loop(generator: Generator) -> None:
    async def calls() -> list[list[Picture]]:
        return await asyncio.gather(*(generator.draw(DRAWS[:1]) for _ in range(3)))

    for _ in range(2):
        first, *others = (pictures[0] for pictures in asyncio.run(calls()))
        assert all(same(first, other) for other in others)


def test_nothing_asked_for_is_nothing_drawn(generator: Generator) -> None:
    assert draw(generator, []) == []
