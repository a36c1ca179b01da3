"""Recording a model's answers and playing them back; what has changed since is shown."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import Answer, FakeServer
from gems.errors import DeclinedError, InputError, StorageError, UnreachableError, keep_secret
from gems.models.chat.likelihood import Token
from gems.models.chat.mllm import MLLM, Reply
from gems.models.chat.recorder import RecordingMLLM
from gems.models.chat.replay import ChangedRequestError, ReplayMLLM
from gems.models.fakes import FakeMLLM
from gems.models.judges.mllm import Look, packaged_instructions, verifier_role
from gems.models.registry import open_mllm
from gems.nodes.planner import PLANNER
from gems.settings import Settings
from PIL import Image, PngImagePlugin

VERIFIER = verifier_role(packaged_instructions("verifier"))
FIELDS: dict[str, Any] = {
    "prompt": "a red heart",
    "skills": [{"name": "spatial"}],
    "experiences": [],
    "track_record": [],
}


def look(mllm: MLLM, question: str, picture: Path) -> Reply[Look]:
    return asyncio.run(mllm.ask(VERIFIER, {"question": question}, [picture]))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (20, 10), "red").save(path)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def test_plays_back_what_was_answered_and_what_it_cost(file: Path, picture: Path) -> None:
    model = FakeMLLM(verifier=[{"verdict": "yes", "reason": "red"}, {"verdict": "no"}])
    recorder = RecordingMLLM(model, file)
    first, second = (look(recorder, "Is it red?", picture) for _ in range(2))
    replay = ReplayMLLM(f"replay:{file}", file)
    assert look(replay, "Is it red?", picture) == first
    assert look(replay, "Is it red?", picture) == second
    assert look(replay, "Is it red?", picture) == second, "the last answer counts from then on"


def test_keeps_how_likely_the_tokens_were(file: Path, picture: Path) -> None:
    class Telling(FakeMLLM):
        async def ask(self, *asked: Any, **options: Any) -> Reply[Any]:
            reply = await super().ask(*asked, **options)
            return dataclasses.replace(reply, tokens=(Token("yes", {"yes": 0.75, "no": 0.25}),))

    first = look(RecordingMLLM(Telling(verifier={"verdict": "yes"}), file), "Is it red?", picture)
    assert look(ReplayMLLM("replay", file), "Is it red?", picture) == first
    assert first.tokens[0].likelihoods["no"] == 0.25


def test_says_whose_request_changed_and_how(file: Path) -> None:
    recorder = RecordingMLLM(FakeMLLM(planner={"skill": "none"}), file)
    asyncio.run(recorder.ask(PLANNER, FIELDS))
    replay = ReplayMLLM("replay", file)
    told = replace(PLANNER, instructions=PLANNER.instructions + "\nBe brave.")
    with pytest.raises(ChangedRequestError, match="planner differs in instructions") as caught:
        asyncio.run(replay.ask(told, FIELDS))
    assert "+Be brave." in caught.value.details.splitlines()
    assert caught.value.changed == ["instructions or form of answer"]
    with pytest.raises(ChangedRequestError, match="planner differs in prompt") as caught:
        asyncio.run(replay.ask(PLANNER, {**FIELDS, "prompt": "a blue heart"}))
    assert {"-a red heart", "+a blue heart"} <= set(caught.value.details.splitlines())


def test_a_role_that_never_spoke_is_named(file: Path, picture: Path) -> None:
    asyncio.run(RecordingMLLM(FakeMLLM(planner={"skill": "none"}), file).ask(PLANNER, FIELDS))
    with pytest.raises(ChangedRequestError, match="verifier was never recorded"):
        look(ReplayMLLM("replay", file), "Is it red?", picture)


def test_pictures_count_by_their_pixels(file: Path, picture: Path, tmp_path: Path) -> None:
    look(RecordingMLLM(FakeMLLM(verifier={"verdict": "yes"}), file), "Is it red?", picture)
    replay, other = ReplayMLLM("replay", file), tmp_path / "other.png"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("version", "another")
    Image.new("RGB", (20, 10), "red").save(other, pnginfo=notes)
    assert look(replay, "Is it red?", other).answer.verdict == "yes"
    Image.new("RGB", (20, 10), "blue").save(other)
    with pytest.raises(ChangedRequestError, match="differs in pictures"):
        look(replay, "Is it red?", other)


def test_holds_no_keys(server: FakeServer, file: Path, tmp_path: Path, picture: Path) -> None:
    keep_secret("my-own-hidden-key")
    said = json.dumps({"verdict": "yes", "reason": "it reads sk-abcdefghijklmnop123456"})
    server.script = lambda call, before: said
    settings = settings_for(server, tmp_path, mllm_api_key="my-own-hidden-key")
    mllm = open_mllm(f"record:{file}:openai:fake", settings)
    look(mllm, "Does it read my-own-hidden-key?", picture)
    text = file.read_text("utf-8")
    assert "my-own-hidden-key" not in text and "sk-abcdef" not in text
    assert "base64" not in text and text.count("***") == 2


def test_declining_is_played_back_and_an_outage_is_not(file: Path, picture: Path) -> None:
    model = FakeMLLM(verifier=[UnreachableError("gone"), DeclinedError("I would rather not")])
    recorder = RecordingMLLM(model, file)
    with pytest.raises(UnreachableError):
        look(recorder, "Is it red?", picture)
    with pytest.raises(DeclinedError):
        look(recorder, "Is it red?", picture)
    with pytest.raises(DeclinedError, match="I would rather not"):
        look(ReplayMLLM("replay", file), "Is it red?", picture)


def test_goes_on_with_a_recording_that_a_kill_cut_off(file: Path, picture: Path) -> None:
    look(RecordingMLLM(FakeMLLM(verifier={"verdict": "yes"}), file), "Is it red?", picture)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(InputError, match="holds no recorded answers"):
        ReplayMLLM("replay", file)
    look(RecordingMLLM(FakeMLLM(verifier={"verdict": "no"}), file), "Is it red?", picture)
    assert look(ReplayMLLM("replay", file), "Is it red?", picture).answer.verdict == "no"


def test_the_settings_model_is_recorded_where_none_is_named(file: Path) -> None:
    assert open_mllm(f"record:{file}", Settings(mllm="embedded")).name == "embedded"
    with pytest.raises(InputError, match="names nobody to record"):
        open_mllm(f"record:{file}", Settings(mllm=f"record:{file}"))


def test_bad_files_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no recorded answers"):
        open_mllm(f"replay:{tmp_path / 'none.jsonl'}", Settings())
    with pytest.raises(StorageError, match="cannot"):
        open_mllm(f"record:{tmp_path}:embedded", Settings())


def test_a_mended_answer_is_recorded_as_it_was_read(
    server: FakeServer, file: Path, tmp_path: Path, picture: Path
) -> None:
    server.script = lambda call, before: Answer("Sure! {'verdict': 'Yes.', 'reason': 'red',}")
    mllm = open_mllm(f"record:{file}:openai:fake", settings_for(server, tmp_path))
    assert look(mllm, "Is it red?", picture) == look(ReplayMLLM("r", file), "Is it red?", picture)
