"""Proxies of the environment: this machine needs none, and one that is at fault is named."""

from __future__ import annotations

import pytest
from command_line import GENERATE, gems, line_of

LANGCHAIN = "langchain_openai.chat_models._client_utils"
pytestmark = pytest.mark.usefixtures("on_fake_server")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense://x"])
def test_a_server_on_this_machine_needs_no_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    # Warned of once a process.
    monkeypatch.setattr(f"{LANGCHAIN}._proxy_env_warning_emitted", False)
    result = gems(*GENERATE)
    assert result.exit_code == 0 and "all_passed" in result.stdout, result.stderr
    assert result.stderr == ""


@pytest.mark.parametrize("proxy", ["socks5://me:secret-word@127.0.0.1:9", "nonsense://127.0.0.1:9"])
@pytest.mark.parametrize("part", ["MLLM", "GENERATOR"])
def test_a_proxy_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, proxy: str, part: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv(f"GEMS_{part}_BASE_URL", "http://models.example/v1")
    line = line_of(gems(*GENERATE), 2)
    assert line.startswith("ALL_PROXY=") and "cannot be used as a proxy" in line
    assert "secret-word" not in line


def test_the_doctor_names_an_unusable_proxy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:9")
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", "https://models.example/v1")
    result = gems("doctor")
    assert result.exit_code == 1 and "HTTPS_PROXY=socks5h://127.0.0.1:9 cannot be used" in " ".join(
        result.stdout.split()
    )


def test_a_dead_proxy_is_not_blamed_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret-word@127.0.0.1:9")
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", "http://models.example/v1")
    line = line_of(gems(*GENERATE))
    assert line.endswith("requests go through HTTP_PROXY=http://me:***@127.0.0.1:9")
