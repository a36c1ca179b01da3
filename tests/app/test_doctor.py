"""What the doctor finds out about models on servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.app.doctor import Finding, check_generator, check_mllm, check_model, examine
from gems.errors import GemsError
from gems.models.fakes import FakeMLLM
from gems.settings import load_settings


def examined(server: FakeServer, home: Path, **settings: object) -> list[Finding]:
    chosen = settings_for(server, home).model_copy(update=settings)
    return [*check_mllm(chosen), *check_generator(chosen)]


def test_a_server_that_lists_the_model_is_well(server: FakeServer, tmp_path: Path) -> None:
    says = f"openai:fake at {server.base_url}"
    assert examined(server, tmp_path) == [
        Finding("mllm", "ok", says),
        Finding("generator", "ok", says),
    ]


def test_a_model_the_server_does_not_list_is_a_note(server: FakeServer, tmp_path: Path) -> None:
    mllm, generator = examined(server, tmp_path, mllm="openai:other", generator="openai:other")
    says = f"{server.base_url} answers, and does not list the model 'other'"
    assert mllm == Finding("mllm", "note", says)
    assert generator == Finding("generator", "note", says)


@pytest.mark.parametrize(
    ("status", "says"), [(401, "refuses the key; set {}"), (403, "set {}"), (500, "answers 500")]
)
def test_a_server_that_refuses_fails_with_the_setting_to_change(
    server: FakeServer, tmp_path: Path, status: int, says: str
) -> None:
    server.get_status = status
    settings = settings_for(server, tmp_path)
    for check, key in ((check_mllm, "GEMS_MLLM_API_KEY"), (check_generator, "GEMS_GENERATOR_API_KEY")):
        with pytest.raises(GemsError) as caught:
            list(check(settings))
        assert says.format(key) in str(caught.value) and "\n" not in str(caught.value)


def test_a_gems_http_server_may_answer_a_get_with_anything(server: FakeServer, tmp_path: Path) -> None:
    server.get_status = 405
    spec = f"gems-http:{server.url}/draw"
    assert examined(server, tmp_path, generator=spec)[1] == Finding(
        "generator", "ok", f"{spec} answers"
    )


def test_a_model_that_cannot_be_checked_is_named() -> None:
    assert check_model("mllm", "acme:x", FakeMLLM()) == Finding("mllm", "ok", "acme:x")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GEMS_PROMPTS", "/nope", "/nope is no folder"),
        ("GEMS_VERIFIERS", "mllm,magic", "no judge is called 'magic'"),
    ],
)
def test_a_setting_that_every_run_would_trip_over_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    load_settings.cache_clear()
    assert [finding.state for finding in examine() if said in finding.says] == ["fail"]
