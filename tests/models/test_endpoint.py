"""Whose key goes where, by what a server on loopback is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from fake_server import FakeServer
from gems.errors import InputError
from gems.models.capabilities import Checkable
from gems.models.embedders.embedder import open_embedder
from gems.models.endpoint import OPENAI_URL, is_openai_itself, resolve_endpoint
from gems.models.pictures.generator import Draw
from gems.models.registry import open_generator, open_mllm
from gems.nodes.planner import PLANNER
from gems.settings import Settings
from pydantic import SecretStr

FIELDS = {"prompt": "a cat", "skills": [], "experiences": [], "track_record": []}
AMBIENT = {
    "OPENAI_API_KEY": "their-key",
    "OPENAI_ADMIN_KEY": "their-admin-key",
    "OPENAI_ORG_ID": "their-organization",
    "OPENAI_ORGANIZATION": "their-organization",
    "OPENAI_PROJECT_ID": "their-project",
    "OPENAI_CUSTOM_HEADERS": "X-Their: their-header\nAuthorization: Bearer their-token",
    "OPENAI_PROXY": "http://127.0.0.1:9",
    "OPENAI_API_BASE": "http://127.0.0.1:9/v1",
}


async def chat(settings: Settings) -> object:
    return await open_mllm("openai:fake", settings).ask(PLANNER, FIELDS)


async def draw(settings: Settings) -> object:
    return await open_generator("openai:fake", settings).draw([Draw("a cat", 1)])


async def embed(settings: Settings) -> object:
    return await open_embedder(settings).embed(["a cat"])


async def check_mllm(settings: Settings) -> object:
    model = open_mllm("openai:fake", settings)
    assert isinstance(model, Checkable)
    return await model.check()


async def check_generator(settings: Settings) -> object:
    model = open_generator("openai:fake", settings)
    assert isinstance(model, Checkable)
    return await model.check()


Use = Callable[[Settings], Awaitable[object]]
USES: list[Use] = [chat, draw, embed, check_mllm, check_generator]


@pytest.fixture(autouse=True)
def ambient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything OpenAI's own tools read, which no other server may see."""
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)


def sent(server: FakeServer, monkeypatch: pytest.MonkeyPatch, use: Use, **more: str) -> dict[str, str]:
    """The headers of the one request that ``use`` makes with these variables."""
    monkeypatch.setenv("GEMS_EMBEDDER", "openai:fake")
    for name, value in more.items():
        monkeypatch.setenv(name, value)

    async def used() -> None:
        await use(Settings())

    asyncio.run(used())
    assert len(server.heads) == 1
    return server.heads[0]


def own_address(server: FakeServer) -> dict[str, str]:
    return {"GEMS_MLLM_BASE_URL": server.base_url, "GEMS_GENERATOR_BASE_URL": server.base_url}


@pytest.mark.parametrize("use", USES)
def test_a_server_of_ones_own_is_told_nothing_of_openais(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    head = sent(server, monkeypatch, use, **own_address(server))
    assert "authorization" not in head
    assert "their" not in str(head)


@pytest.mark.parametrize("use", USES)
def test_a_server_of_ones_own_gets_its_own_key(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    keys = {"GEMS_MLLM_API_KEY": "mine", "GEMS_GENERATOR_API_KEY": "mine"}
    head = sent(server, monkeypatch, use, **own_address(server), **keys)
    assert head["authorization"] == "Bearer mine"
    assert "their" not in str(head)


@pytest.mark.parametrize("use", USES)
def test_the_server_that_openais_variables_name_gets_their_key(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    monkeypatch.delenv("OPENAI_CUSTOM_HEADERS")
    empty = {"GEMS_MLLM_BASE_URL": "", "GEMS_MLLM_API_KEY": "", "GEMS_GENERATOR_API_KEY": ""}
    head = sent(server, monkeypatch, use, OPENAI_BASE_URL=server.base_url, **empty)
    assert head["authorization"] == "Bearer their-key"


def test_a_key_of_ones_own_comes_before_openais() -> None:
    endpoint = resolve_endpoint(Settings(mllm_api_key=SecretStr("mine")), "mllm")
    assert (endpoint.url, endpoint.headers) == (OPENAI_URL, {"Authorization": "Bearer mine"})


@pytest.mark.parametrize("part", ["mllm", "generator"])
def test_openai_itself_gets_its_key_however_its_address_is_given(part: str) -> None:
    named = Settings(mllm_base_url=f"{OPENAI_URL}/", generator_base_url="https://eu.api.openai.com/v1")
    for settings in (Settings(), named):
        endpoint = resolve_endpoint(settings, part)  # type: ignore[arg-type]
        assert endpoint.headers == {"Authorization": "Bearer their-key"}


@pytest.mark.parametrize("part", ["mllm", "generator"])
def test_an_address_of_ones_own_beside_openais_base_url_keeps_the_key_from_it(part: str) -> None:
    own = "http://127.0.0.1:1/v1"
    settings = Settings(
        mllm_base_url=own, generator_base_url=own, openai_base_url="http://127.0.0.1:2/v1"
    )
    endpoint = resolve_endpoint(settings, part)  # type: ignore[arg-type]
    assert (endpoint.url, endpoint.headers) == (own, {})


@pytest.mark.parametrize(
    ("opener", "names"),
    [
        (open_mllm, ["GEMS_MLLM_API_KEY", "GEMS_MLLM_BASE_URL"]),
        (open_generator, ["GEMS_GENERATOR_API_KEY", "GEMS_GENERATOR_BASE_URL"]),
    ],
)
def test_openai_without_a_key_says_which_to_set(
    monkeypatch: pytest.MonkeyPatch, opener: Callable[[str, Settings], object], names: list[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(InputError) as caught:
        opener("openai:gpt", Settings())
    assert all(name in str(caught.value) for name in names)


def test_keys_are_not_in_the_settings_words(tmp_path: Path) -> None:
    assert "their-key" not in repr(Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("url", "itself"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("http://localhost:30000/v1", False),
        ("https://example.org/api.openai.com", False),
        ("https://notapi.openai.com.example.org/v1", False),
        ("https://api.openai.com@example.org/v1", False),
    ],
)
def test_openai_itself_is_known_by_its_host(url: str, itself: bool) -> None:
    assert is_openai_itself(url) is itself


@pytest.mark.parametrize("end", ["", "/", "#top"])
@pytest.mark.parametrize("use", USES)
def test_a_query_goes_behind_each_path(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, use: Use, end: str
) -> None:
    slash, fragment = ("/", "") if end == "/" else ("", end)
    url = f"{server.base_url}{slash}?api-version=2026-01-01&x=a%20b{fragment}"
    both = {"GEMS_MLLM_BASE_URL": url, "GEMS_GENERATOR_BASE_URL": url}
    path, _, query = sent(server, monkeypatch, use, **both)[":target"].partition("?")
    assert path.startswith("/v1/") and "//" not in path
    assert parse_qs(query) == {"api-version": ["2026-01-01"], "x": ["a b"]}


def test_a_query_is_told_of_nowhere_else() -> None:
    settings = Settings(judge_base_url="http://127.0.0.1:9/v1?key=hidden-word", openai_base_url=None)
    endpoint = resolve_endpoint(settings, "judge")
    assert endpoint.url == "http://127.0.0.1:9/v1"
    assert endpoint.at("models") == "http://127.0.0.1:9/v1/models?key=hidden-word"
