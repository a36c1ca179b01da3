"""What every MLLM does alike. Another implementation joins with one line in ``OPENERS``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.errors import BackendError
from gems.models.capabilities import Checkable, Closeable
from gems.models.chat.langchain import LangChainMLLM
from gems.models.chat.mllm import MLLM, Reply, Role
from gems.models.embedded.mllm import EmbeddedMLLM
from gems.models.fakes import FakeMLLM
from gems.models.judges.mllm import Look, verifier_role
from gems.models.registry import open_mllm
from gems.nodes.planner import PLANNER, SkillChoice
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from PIL import Image
from pydantic import BaseModel

FIELDS = {"prompt": "a red heart", "skills": [], "experiences": [], "track_record": []}
QUESTION = {"question": "Is there a red heart?"}


class Unheard(BaseModel):
    something: int


UNHEARD = Role("unheard", "Do what nobody can.", (), Unheard)


def fake(server: FakeServer, home: Path) -> MLLM:
    return FakeMLLM(planner={"skill": "none"}, verifier={"verdict": "cannot_tell"})


def embedded(server: FakeServer, home: Path) -> MLLM:
    return EmbeddedMLLM()


def served(server: FakeServer, home: Path) -> MLLM:
    return open_mllm("openai:fake", settings_for(server, home))


def handed_in(server: FakeServer, home: Path) -> MLLM:
    chat = FakeListChatModel(responses=['{"skill": "none", "verdict": "cannot_tell"}'])
    return LangChainMLLM(chat, settings_for(server, home), name="mine")


def recorded(server: FakeServer, home: Path) -> MLLM:
    return open_mllm(f"record:{home / 'answers.jsonl'}:openai:fake", settings_for(server, home))


OPENERS: dict[str, Callable[[FakeServer, Path], MLLM]] = {
    opener.__name__: opener for opener in (fake, embedded, served, handed_in, recorded)
}


@pytest.fixture(params=OPENERS)
def mllm(request: pytest.FixtureRequest, server: FakeServer, tmp_path: Path) -> MLLM:
    return OPENERS[request.param](server, tmp_path)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (64, 48), (20, 200, 20)).save(path)
    return path


def test_has_a_name_for_the_records(mllm: MLLM) -> None:
    assert mllm.name and "\n" not in mllm.name


def test_answers_with_the_roles_own_type_and_its_cost(mllm: MLLM) -> None:
    reply = asyncio.run(mllm.ask(PLANNER, FIELDS))
    assert type(reply.answer) is SkillChoice
    assert reply.cost.requests >= 1


def test_looks_at_pictures(mllm: MLLM, picture: Path) -> None:
    reply = asyncio.run(mllm.ask(verifier_role("judge"), QUESTION, [picture]))
    assert type(reply.answer) is Look


def test_answers_many_at_once_from_any_event_loop(mllm: MLLM, picture: Path) -> None:
    async def many() -> list[Reply[Look]]:
        return await asyncio.gather(
            *(mllm.ask(verifier_role("judge"), QUESTION, [picture]) for _ in range(5))
        )

    for _ in range(2):
        assert len(asyncio.run(many())) == 5


def test_one_request_is_enough_of_an_allowance(mllm: MLLM) -> None:
    assert asyncio.run(mllm.ask(PLANNER, FIELDS, max_requests=1)).cost.requests == 1


def test_what_it_cannot_answer_is_one_line_of_our_own(mllm: MLLM) -> None:
    with pytest.raises(BackendError) as caught:
        asyncio.run(mllm.ask(UNHEARD, {}))
    assert "\n" not in str(caught.value)


def test_lets_go_of_what_it_holds_and_can_be_asked_again(mllm: MLLM) -> None:
    asyncio.run(mllm.ask(PLANNER, FIELDS))
    if isinstance(mllm, Closeable):
        for _ in range(2):
            asyncio.run(mllm.aclose())
    assert asyncio.run(mllm.ask(PLANNER, FIELDS)).answer.skill == "none"


def test_a_check_is_one_line(mllm: MLLM, server: FakeServer) -> None:
    if isinstance(mllm, Checkable):
        assert "\n" not in asyncio.run(mllm.check()).says
    assert not server.calls
