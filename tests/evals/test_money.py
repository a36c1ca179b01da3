"""The cap on an evaluation's money: who is asked within it, and who is not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from gems.errors import CapError, InputError
from gems.evals.caps import Caps
from gems.evals.money import LOOP, Costs, MoneyPurse, money_purse
from gems.evals.sharing import FileSharing
from gems.evals.tasks.paying import PaidAsked
from gems.models.fakes import FakeGenerator
from gems.models.pictures.generator import Draw
from gems.models.prices import Price
from gems.nodes.priced import PricedGenerator
from gems.settings import Settings

BY_TOKENS = Price(input=1e6, output=0)
"""A unit a token."""


class Judge:
    """Says yes, for so many tokens a call in turn; the last of them for good."""

    name = "openai:looker"

    def __init__(self, *tokens: int) -> None:
        self._tokens = list(tokens)
        self.at_once = self.most_at_once = self.calls = 0

    async def ask(self, body: Any) -> dict[str, Any]:
        self.calls += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        used = self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]
        return {"choice": {"message": {"content": "yes"}}, "usage": {"prompt_tokens": used}}


def purse(cap: float, folder: Path, spender: str = "judge") -> MoneyPurse:
    return MoneyPurse(cap, folder, FileSharing(folder), spender)


def spent(folder: Path) -> float:
    lines = (folder / "money.jsonl").read_text().splitlines()
    return sum(float(json.loads(line)["money"]) for line in lines)


async def ask_often(judge: PaidAsked, times: int) -> list[CapError]:
    found = await asyncio.gather(*(judge.ask({}) for _ in range(times)), return_exceptions=True)
    assert all(not isinstance(one, Exception) or isinstance(one, CapError) for one in found)
    return [one for one in found if isinstance(one, CapError)]


def test_calls_side_by_side_stay_within_the_cap_and_a_higher_one_goes_on(tmp_path: Path) -> None:
    judge = Judge(10)
    refused = asyncio.run(ask_often(PaidAsked(judge, BY_TOKENS, purse(95, tmp_path)), 20))
    assert (judge.calls, len(refused), spent(tmp_path)) == (9, 11, 90)
    assert judge.most_at_once > 1
    assert all("cost of 90.00" in str(exc) and "--max-cost" in str(exc) for exc in refused)
    assert asyncio.run(ask_often(PaidAsked(judge, BY_TOKENS, purse(200, tmp_path)), 11)) == []
    assert spent(tmp_path) == 200


def test_until_a_call_is_known_one_is_made_at_a_time(tmp_path: Path) -> None:
    judge = Judge(10)
    assert len(asyncio.run(ask_often(PaidAsked(judge, BY_TOKENS, purse(5, tmp_path)), 20))) == 19
    assert (judge.calls, judge.most_at_once) == (1, 1)


def test_loop_and_judge_spend_one_cap(tmp_path: Path) -> None:
    hand = FakeGenerator()
    drawing = PricedGenerator(hand, 30, purse(100, tmp_path, LOOP))
    judge = Judge(25)
    judging = PaidAsked(judge, BY_TOKENS, purse(100, tmp_path))
    for _ in range(2):
        asyncio.run(drawing.draw([Draw("a door", 1)]))
    assert len(asyncio.run(ask_often(judging, 5))) == 4
    with pytest.raises(CapError, match=r"85\.00: the cap is 100.*may take 30"):
        asyncio.run(drawing.draw([Draw("a door", 1)]))
    assert (len(hand.history), judge.calls) == (2, 1)


def test_what_was_spent_while_nobody_counted_is_made_up_for_once(tmp_path: Path) -> None:
    for _ in range(2):
        purse(100, tmp_path).begin(40)
        purse(100, tmp_path, LOOP).begin(15)
    assert spent(tmp_path) == 55


def test_a_server_that_tells_no_tokens_is_asked_once(tmp_path: Path) -> None:
    judge = Judge(0)
    refused = asyncio.run(ask_often(PaidAsked(judge, BY_TOKENS, purse(100, tmp_path)), 3))
    assert judge.calls == 1
    assert all("does not say how many tokens" in str(exc) for exc in refused)


def test_free_models_are_not_counted(tmp_path: Path) -> None:
    free = Price(input=0, output=0, call=0, picture=0)
    assert asyncio.run(ask_often(PaidAsked(Judge(10), free, purse(0, tmp_path)), 3)) == []
    assert not (tmp_path / "money.jsonl").exists()


def test_runs_without_a_cost_are_counted_by_the_list_and_judges_need_a_price(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('["openai:m"]\ninput = 1\noutput = 2\n["openai:g"]\npicture = 0.5\n')
    costs = Costs(Settings(mllm="openai:m", generator="openai:g", prices=prices))
    used = {"images": 3, "mllm_calls": 9, "input_tokens": 10**6, "output_tokens": 10**6}
    assert costs.of(used) == 4.5
    assert costs.of({**used, "cost": 7.0}) == 7
    assert costs.check_judge("mllm:openai:m").input == 1
    with pytest.raises(InputError, match="no price for a call of 'openai:looker'"):
        costs.check_judge("openai:looker")
    assert money_purse(Caps(images=3), tmp_path, FileSharing(tmp_path)) is None
