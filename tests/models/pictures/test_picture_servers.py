"""The Images API and the gems-http adapter: one contract, then what is peculiar to each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import HANG_UP, SILENCE, Answer, Call, FakeServer
from gems.errors import BackendError, InputError, RefusedError, UnreachableError
from gems.models.pictures.generator import Draw, Generator
from gems.models.registry import open_generator

SPECS = ["openai:fake", "gems-http:{url}/draw"]


def opened(spec: str, server: FakeServer, tmp_path: Path, **settings: Any) -> Generator:
    return open_generator(spec.format(url=server.url), settings_for(server, tmp_path, **settings))


@pytest.mark.parametrize("spec", SPECS)
class TestContract:
    def test_draws_every_request_in_order(self, spec: str, server: FakeServer, tmp_path: Path) -> None:
        generator = opened(spec, server, tmp_path)
        draws = [Draw("a cat", 1), Draw("a dog (round 2)", 2), Draw("a cat", 3, 640, 480)]
        pictures = asyncio.run(generator.draw(draws))
        assert [picture.seed for picture in pictures] == [1, 2, 3]
        assert pictures[0].data == pictures[2].data != pictures[1].data
        seeds = sorted(int(call.body["seed"]) for call in server.calls)
        assert seeds == [1, 2, 3]

    @pytest.mark.parametrize("failure", [HANG_UP, Answer("busy", status=503)])
    def test_passing_troubles_are_retried(
        self, spec: str, server: FakeServer, tmp_path: Path, failure: Any
    ) -> None:
        server.image_script = lambda call, number: failure if number == 0 else None
        assert asyncio.run(opened(spec, server, tmp_path).draw([Draw("a cat", 1)]))
        assert len(server.calls) == 2

    def test_silence_is_cut_short(self, spec: str, server: FakeServer, tmp_path: Path) -> None:
        server.image_script = lambda call, number: SILENCE
        generator = opened(spec, server, tmp_path, generator_timeout=0.2, generator_retries=0)
        with pytest.raises(UnreachableError, match="sent nothing in"):
            asyncio.run(generator.draw([Draw("a cat", 1)]))

    def test_a_refusal_is_final(self, spec: str, server: FakeServer, tmp_path: Path) -> None:
        server.image_script = lambda call, number: Answer("not allowed", status=401)
        with pytest.raises(RefusedError, match="GEMS_GENERATOR_API_KEY"):
            asyncio.run(opened(spec, server, tmp_path).draw([Draw("a cat", 1)]))
        assert len(server.calls) == 1

    def test_a_dead_server_is_one_line(self, spec: str, server: FakeServer, tmp_path: Path) -> None:
        settings = settings_for(server, tmp_path, generator_retries=0)
        dead = settings.model_copy(update={"generator_base_url": "http://127.0.0.1:9/v1"})
        generator = open_generator(spec.format(url="http://127.0.0.1:9"), dead)
        with pytest.raises(BackendError, match="is the server up") as caught:
            asyncio.run(generator.draw([Draw("a cat", 1)]))
        assert "\n" not in str(caught.value)


def test_parameters_a_server_refuses_are_left_out_from_then_on(
    server: FakeServer, tmp_path: Path
) -> None:
    def script(call: Call, number: int) -> Answer | None:
        for name in ("response_format", "seed"):
            if name in call.body:
                return Answer(f"Unknown parameter: '{name}'.", status=400)
        return None

    server.image_script = script
    generator = opened("openai:fake", server, tmp_path)
    asyncio.run(generator.draw([Draw("a cat", 1)]))
    asyncio.run(generator.draw([Draw("a cat", 2)]))
    assert len(server.calls) == 4


def test_openai_sends_explicit_seed_size_and_form(server: FakeServer, tmp_path: Path) -> None:
    asyncio.run(opened("openai:fake", server, tmp_path).draw([Draw("a cat", 5, 512, 256)]))
    body = server.calls[0].body
    assert (body["seed"], body["size"], body["response_format"]) == (5, "512x256", "b64_json")


@pytest.mark.parametrize("spec", ["gems-http:nowhere", "gems-http:", "magic", "diffusers:"])
def test_specs_that_name_nothing_are_refused(spec: str, server: FakeServer, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        opened(spec, server, tmp_path)
