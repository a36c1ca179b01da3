"""What a graph server's process makes of settings that were read in another folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from gems import settings as settings_module
from gems.app.serve import settle, settled_spec
from gems.app.server_folder import server_folder
from gems.errors import InputError
from gems.settings import Settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings_module, "CHANGED", {})
    return tmp_path


def test_files_are_what_they_were_where_the_settings_were_read(here: Path) -> None:
    skills = os.pathsep.join(["mine", " ", str(here / "ours")])
    given = Settings(
        home=Path("home"), skills=skills, prompts="words", prices=Path("prices.toml"),
        mllm="record:answers.jsonl:openai:some", generator="diffusers:small",
    )  # fmt: skip
    (here / "small").mkdir()
    settled = settle(given, "http://127.0.0.1:1", whole=False)
    assert settled.home == here / "home" and settled.prices == here / "prices.toml"
    assert settled.skills.split(os.pathsep)[::2] == [str(here / "mine"), str(here / "ours")]
    assert settled.prompts == str(here / "words")
    assert settled.mllm == f"record:{here / 'answers.jsonl'}:openai:some"
    assert settled.generator == f"diffusers:{here / 'small'}"
    plain = settle(Settings(home=here), "http://127.0.0.1:1", whole=True)
    assert (plain.prompts, plain.skills, plain.prices) == ("", "", None)


@pytest.mark.parametrize(
    "spec", ["embedded", "openai:some", "diffusers:some/model", "gems-http:http://a"]
)
def test_what_names_no_file_stays(spec: str) -> None:
    assert settled_spec(spec) == spec


def test_two_servers_of_one_home_keep_their_threads_apart_and_keep_to_it(here: Path) -> None:
    settings = Settings(home=here)
    with server_folder(settings, 1) as first, server_folder(settings, 2) as second:
        assert (first, second) == (here / "server", here / "server-2")
        with pytest.raises(InputError, match="server-2.*--port"), server_folder(settings, 2):
            pass
    with server_folder(settings, 2) as second, server_folder(settings, 3) as third:
        assert (second, third) == (here / "server-2", here / "server")
