"""Settings from the environment."""

from __future__ import annotations

import pytest
from gems.errors import InputError
from gems.settings import Settings, load_settings


def test_openais_variables_are_settings_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    settings = Settings()
    assert settings.openai_base_url == "http://127.0.0.1:1/v1"
    assert settings.openai_api_key is not None
    own = (settings.mllm_api_key, settings.mllm_base_url)
    assert (*own, settings.generator_api_key, settings.generator_base_url) == (None,) * 4


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GEMS_MLLM", "GEMS_MLLM_BASE_URL", "GEMS_MLLM_TIMEOUT", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "")
    settings = Settings()
    assert (settings.mllm, settings.mllm_timeout) == ("embedded", 120.0)
    assert settings.mllm_base_url is None and settings.openai_api_key is None


def test_a_value_that_cannot_be_used_is_told_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMS_BATCH", "many")
    with pytest.raises(InputError, match="GEMS_BATCH has the value 'many'"):
        load_settings()


def test_settings_can_be_given_by_their_names() -> None:
    assert Settings(mllm_base_url="http://x/v1", openai_base_url="http://y/v1").openai_base_url
