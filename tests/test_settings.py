"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gems.app.cli import app
from gems.errors import InputError
from gems.settings import Settings, load_settings
from pydantic import SecretStr
from typer.testing import CliRunner


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


BAD = {
    "http://localhost:port/v1": "its port is no number from 1 to 65535",
    "http://localhost:99999/v1": "its port is no number from 1 to 65535",
    "http://localhost:0/v1": "its port is no number from 1 to 65535",
    "http://localhost:-1/v1": "its port is no number from 1 to 65535",
    "http://[::1/v1": "the brackets of its IPv6 address are off: http://[::1]:8000/v1",
    "http://::1:8000/v1": "an IPv6 address stands in brackets: http://[::1]:8000/v1",
    "http://[::zz]:8000/v1": "'::zz' is no host",
    "http://a..b/v1": "'a..b' is no host",
    "http:///v1": "it names no host",
    "http://:8000/v1": "it names no host",
    "localhost:30000/v1": "it begins with neither http:// nor https://",
    "ftp://localhost/v1": "it begins with neither http:// nor https://",
    "http://local host/v1": "it holds a space or a character that cannot be seen",
}
URLS = ["GEMS_MLLM_BASE_URL", "GEMS_GENERATOR_BASE_URL", "GEMS_CHROMA_URL", "OPENAI_BASE_URL"]


def gems(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("value", BAD)
def test_an_address_that_leads_nowhere_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    result = gems("doctor")
    assert (result.exit_code, result.stdout) == (2, "")
    # urlsplit itself refuses some hosts, before anybody can say which.
    said = (BAD[value], BAD["http://[::1/v1"]) if "[" in value else (BAD[value],)
    assert result.stderr in {f"gems: {name} has the value {value!r}: {why}\n" for why in said}


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost:30000/v1", "https://api.example.com", "http://[::1]:8000/v1",
        "http://127.0.0.1:1", "http://user:word@host:80/v1", "HTTP://b\u00fccher.example/v1",
        "http://my_server:8000/v1",
    ],
)  # fmt: skip
def test_an_address_that_can_be_used_is(value: str) -> None:
    assert Settings(mllm_base_url=value).mllm_base_url == value


def test_every_bad_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {
        "GEMS_BATCH": "many",
        "GEMS_DTYPE": "float8",
        "GEMS_HOME": "~nosuchuser/x",
        "GEMS_MLLM_BASE_URL": "localhost",
        "GEMS_MLLM_TIMEOUT": "inf",
        "GEMS_VERIFIERS": ",",
    }
    for name, value in bad.items():
        monkeypatch.setenv(name, value)
    result = gems("generate", "a cat")
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    for name, value in bad.items():
        assert f"{name} has the value {value!r}: " in result.stderr


@pytest.mark.parametrize("name", ["GEMS_HOME", "GEMS_PROMPTS", "GEMS_SKILLS"])
@pytest.mark.parametrize("command", [["doctor"], ["generate", "a cat"], ["runs"], ["skills", "list"]])
def test_the_home_of_nobody_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, command: list[str]
) -> None:
    monkeypatch.setenv(name, "~nosuchuser/gems")
    result = gems(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"gems: {name} has the value '~nosuchuser/gems': there is no home of '~nosuchuser'; "
        "write the folder out\n"
    )


def test_an_out_folder_in_the_home_of_nobody_is_one_line() -> None:
    result = gems("generate", "two red circles", "--out", "~nosuchuser/x")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "gems: there is no home of '~nosuchuser': choose another --out\n"


@pytest.mark.parametrize("blank", ["", " ", "\t", "\n", "  \r\n"])
def test_a_blank_variable_counts_as_unset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, blank: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    for name in Settings.model_fields:
        if not name.startswith("openai"):
            monkeypatch.setenv(f"GEMS_{name.upper()}", blank)
    monkeypatch.setenv("OPENAI_BASE_URL", blank)
    settings = load_settings()
    assert settings == Settings(openai_api_key=SecretStr("theirs"))
    assert settings.root == tmp_path / "me" / ".gems"
    assert (settings.mllm_base_url, settings.openai_base_url, settings.mllm_api_key) == (None,) * 3
    assert gems("runs").exit_code == 0 and not list(tmp_path.iterdir())


def test_blank_settings_of_a_caller_count_as_not_given() -> None:
    settings = Settings(home=" ", mllm_base_url="", mllm=" openai:x ")
    assert (settings.home, settings.mllm_base_url) == (Path("~/.gems"), None)
    assert settings.mllm == "openai:x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEMS_DATABASE_URL", "mysql://me:hunter2secret@host/db"),
        ("GEMS_DATABASE_URL", "postgresql://me:hunter2secret@host:port/db"),
        ("GEMS_DATABASE_URL", "hunter2secret"),
        ("GEMS_MLLM_BASE_URL", "http://me:hunter2secret@host:port/v1"),
        ("GEMS_CHROMA_URL", "me:hunter2secret@host"),
    ],
)
def test_no_bad_value_shows_a_secret(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    for arguments in (["doctor"], ["generate", "a cat"], ["runs", "--json"]):
        result = gems(*arguments)
        assert result.exit_code == 2 and name in result.stderr
        assert "hunter2secret" not in result.output + result.stderr
