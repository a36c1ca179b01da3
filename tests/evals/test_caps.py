"""Caps: no worker goes beyond one, what is not used comes back, and a higher one goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gems.errors import AnswerError, CapError, Cost, UnreachableError
from gems.evals.capped_backends import CappedBackends
from gems.evals.capped_judge import capped_judge
from gems.evals.caps import CappedGenerator, CappedMLLM, Caps, Purse
from gems.evals.sharing import FileSharing
from gems.models.chat.mllm import Role
from gems.models.fakes import FakeGenerator, FakeJudge, FakeMLLM
from gems.models.judges.judge import Judgement, LooksAgain, Requirement
from gems.models.judges.wrapped import PaidJudge
from gems.models.pictures.generator import Draw
from gems.settings import Settings
from pydantic import BaseModel


class Word(BaseModel):
    """An answer."""

    word: str


ROLE = Role("planner", "say a word", (), Word)
RED = Requirement(id="q1", question="Red?", statement="red", kind="other", parent=None)


def purse_of(caps: Caps, folder: Path) -> Purse:
    return Purse(caps, folder, FileSharing(folder))


def spent(folder: Path) -> Counter[str]:
    purse = purse_of(Caps(10**6, 10**6), folder)
    purse.begin(Counter())
    return Counter({str(kind): amount for kind, amount in purse._spent.items()})


def test_workers_together_stop_exactly_at_the_cap(tmp_path: Path) -> None:
    hand = FakeGenerator()
    workers = [CappedGenerator(hand, purse_of(Caps(images=10), tmp_path)) for _ in range(2)]

    async def draw(number: int) -> bool:
        try:
            await workers[number % 2].draw([Draw("a door", number)])
        except CapError as exc:
            assert "the cap is 10" in str(exc) and "--max-images" in str(exc)
            return False
        return True

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*(draw(number) for number in range(16)))

    assert sum(asyncio.run(all_of_them())) == len(hand.history) == 10


def test_a_round_that_does_not_fit_is_not_drawn_at_all(tmp_path: Path) -> None:
    hand = FakeGenerator()
    capped = CappedGenerator(hand, purse_of(Caps(images=3), tmp_path))
    draws = [Draw("a door", 1), Draw("a door", 2)]
    asyncio.run(capped.draw(draws))
    with pytest.raises(CapError):
        asyncio.run(capped.draw(draws))
    assert len(asyncio.run(capped.draw(draws[:1]))) == 1
    assert capped.name == hand.name and capped.card == hand.card


def test_what_a_failure_did_not_cost_comes_back(tmp_path: Path) -> None:
    purse = purse_of(Caps(images=1, mllm_calls=2), tmp_path)
    hand = CappedGenerator(FakeGenerator(failures=[UnreachableError("away")]), purse)
    with pytest.raises(UnreachableError):
        asyncio.run(hand.draw([Draw("a door", 1)]))
    assert asyncio.run(hand.draw([Draw("a door", 1)]))
    brain = FakeMLLM(planner=[AnswerError("no word", Cost(requests=1)), {"word": "door"}])
    mind = CappedMLLM(brain, purse, 5)
    with pytest.raises(AnswerError):
        asyncio.run(mind.ask(ROLE, {}))
    assert asyncio.run(mind.ask(ROLE, {})).answer.word == "door"
    with pytest.raises(CapError, match="--max-mllm-calls"):
        asyncio.run(mind.ask(ROLE, {}))
    assert spent(tmp_path) == {"images": 1, "mllm_calls": 2}


def test_who_has_something_to_come_back_waits_for_it(tmp_path: Path) -> None:
    class Slow(FakeMLLM):
        async def ask(self, *args: Any, **options: Any) -> Any:
            await asyncio.sleep(0.05)
            return await super().ask(*args, **options)

    mind = CappedMLLM(Slow(planner={"word": "door"}), purse_of(Caps(mllm_calls=6), tmp_path), 5)

    async def six() -> None:
        await asyncio.gather(*(mind.ask(ROLE, {}) for _ in range(6)))

    asyncio.run(six())
    assert spent(tmp_path)["mllm_calls"] == 6


def test_what_was_spent_while_nobody_counted_is_made_up_for_once(tmp_path: Path) -> None:
    for _ in range(2):
        purse_of(Caps(images=9), tmp_path).begin({"images": 4, "mllm_calls": 7})
    assert spent(tmp_path) == {"images": 4, "mllm_calls": 7}


def test_without_a_cap_nothing_is_counted(tmp_path: Path) -> None:
    capped = CappedGenerator(FakeGenerator(), purse_of(Caps(mllm_calls=1), tmp_path))
    asyncio.run(capped.draw([Draw("a door", 1)]))
    assert list(tmp_path.iterdir()) == []


class Wavering(FakeJudge):
    """Looks again, for two requests each time."""

    steady = False

    async def look_again(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        look: int,
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        judgement = await self.judge(picture, requirements, max_requests=max_requests)
        return replace(judgement, cost=Cost(requests=2))


def test_judges_of_other_packages_pay_for_what_they_ask(tmp_path: Path) -> None:
    purse = purse_of(Caps(mllm_calls=4), tmp_path)
    asked = [RED]
    plain, looker = capped_judge(FakeJudge(), purse, 3), capped_judge(Wavering(), purse, 3)
    assert not isinstance(plain, LooksAgain)
    assert isinstance(looker, LooksAgain) and not looker.steady

    async def use() -> None:
        await plain.judge(tmp_path, asked)
        await looker.look_again(tmp_path, asked, 2)
        await looker.judge(tmp_path, asked)
        with pytest.raises(CapError, match="4 mllm calls"):
            await plain.judge(tmp_path, asked)

    asyncio.run(use())
    assert spent(tmp_path)["mllm_calls"] == 4


def test_a_judge_that_fails_pays_for_what_that_cost(tmp_path: Path) -> None:
    purse = purse_of(Caps(mllm_calls=9), tmp_path)
    away = FakeJudge({"q1": UnreachableError("away", Cost(requests=2))})
    asked = [RED]
    with pytest.raises(UnreachableError):
        asyncio.run(capped_judge(away, purse, 3).judge(tmp_path, asked))
    assert spent(tmp_path)["mllm_calls"] == 2


def test_every_model_of_a_capped_benchmark_is_paid_for(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    backends = CappedBackends(settings, purse_of(Caps(mllm_calls=1), tmp_path))
    assert isinstance(backends.judge("embedded"), PaidJudge)
    assert isinstance(backends.mllm("embedded"), CappedMLLM)
    assert isinstance(backends.generator("embedded"), CappedGenerator)
