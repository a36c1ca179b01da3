"""What a task was answered before it was cut off, and that only this is not asked again."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from gems.errors import AnswerError, BudgetError, Cost, StorageError
from gems.memory.paid import PaidAnswers, PaidFiles
from gems.models.chat.likelihood import Token
from gems.models.chat.mllm import MLLM, Reply, Role
from gems.models.fakes import FakeMLLM
from gems.models.prices import Price, Prices
from gems.nodes.compressor import COMPRESSOR
from gems.nodes.decomposer import DECOMPOSER
from gems.nodes.paid import PAID, KeptMLLM, TaskAnswers, kept_by_task, kept_reply, reply_in
from gems.nodes.planner import PLANNER
from gems.nodes.priced import priced_mllm
from gems.nodes.purse import PAYER, Payer, Purse
from gems.nodes.refiner import REFINER
from gems.nodes.skill_writer import SKILL_WRITER, Rewrite

SAYS = [{"prompt": f"answer {number}"} for number in range(9)]


def writer(**changes: Any) -> dict[str, Any]:
    fields = dict.fromkeys(SKILL_WRITER.fields, "")
    return {**fields, "recalled": [], "generator_lessons": [], **changes}


def asked(model: MLLM, folder: Path, *fields: dict[str, Any], task: str = "task") -> list[str]:
    """What one execution of a task hears, asking in turn."""

    async def work() -> list[str]:
        PAID.set(TaskAnswers(PaidFiles(folder), "thread", task))
        replies = [await model.ask(SKILL_WRITER, one) for one in fields]
        return [reply.answer.prompt for reply in replies]

    return asyncio.run(work())


def wavering() -> FakeMLLM:
    model = FakeMLLM(skill_writer=[*SAYS])
    model.steady = False
    return model


def test_a_task_that_begins_again_asks_only_what_it_was_not_answered(tmp_path: Path) -> None:
    model = wavering()
    first = asked(KeptMLLM(model), tmp_path, writer(prompt="a"), writer(prompt="b"))
    again = asked(KeptMLLM(model), tmp_path, *(writer(prompt=name) for name in "abc"))
    assert again == [*first, "answer 2"] and len(model.history) == 3
    assert asked(KeptMLLM(model), tmp_path, writer(prompt="a"), task="another") == ["answer 3"]


def test_who_asks_twice_wants_two_answers(tmp_path: Path) -> None:
    model = wavering()
    assert asked(KeptMLLM(model), tmp_path, writer(), writer()) == ["answer 0", "answer 1"]
    assert asked(KeptMLLM(model), tmp_path, writer(), writer()) == ["answer 0", "answer 1"]


def test_what_memory_adds_meanwhile_makes_it_no_other_question(tmp_path: Path) -> None:
    model = wavering()
    asked(KeptMLLM(model), tmp_path, writer(prompt="a"))
    learned = writer(prompt="a", recalled=[{"prompt": "another"}])
    assert asked(KeptMLLM(model), tmp_path, learned) == ["answer 0"]
    assert asked(KeptMLLM(model), tmp_path, writer(prompt="a", skill="new")) == ["answer 1"]


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    model = FakeMLLM(skill_writer=[AnswerError("nothing"), {"prompt": "well"}])
    model.steady = False
    with pytest.raises(AnswerError):
        asked(KeptMLLM(model), tmp_path, writer())
    assert asked(KeptMLLM(model), tmp_path, writer()) == ["well"]


def test_a_model_that_answers_alike_and_a_run_without_checkpoints_cost_no_file(tmp_path: Path) -> None:
    steady = FakeMLLM(skill_writer=[*SAYS])
    assert asked(KeptMLLM(steady), tmp_path / "paid", writer()) == ["answer 0"]
    reply = asyncio.run(KeptMLLM(wavering()).ask(SKILL_WRITER, writer()))
    assert reply.answer.prompt == "answer 0" and not (tmp_path / "paid").exists()


def test_a_full_disk_keeps_nobody_from_the_answer(tmp_path: Path) -> None:
    (tmp_path / "paid").write_text("")
    assert asked(KeptMLLM(wavering()), tmp_path / "paid", writer()) == ["answer 0"]


def test_an_answer_that_broke_the_node_is_asked_for_anew(tmp_path: Path) -> None:
    answers: PaidAnswers = PaidFiles(tmp_path)

    async def work() -> None:
        paid = TaskAnswers(answers, "thread", "task")
        await paid.forget()
        assert not list(tmp_path.iterdir())
        paid.keep(paid.key(["request"]), {"answer": 1})
        assert answers.of("thread", "task")
        await paid.forget()

    asyncio.run(work())
    assert answers.of("thread", "task") == {}


def test_a_store_that_cannot_be_read_holds_nothing(tmp_path: Path) -> None:
    class Broken(PaidFiles):
        def of(self, thread: str, task: str) -> dict[str, Any]:
            raise StorageError("the database is away")

    async def work() -> object:
        paid = TaskAnswers(Broken(tmp_path), "thread", "task")
        return await paid.find(paid.key(["request"]))

    assert asyncio.run(work()) is None


def test_a_model_is_wrapped_once() -> None:
    model = kept_by_task(wavering())
    assert kept_by_task(model) is model and model.name == "fake"


ANSWERS: list[tuple[Role[Any], dict[str, Any]]] = [
    (PLANNER, {"skill": "counting+text", "reason": "many"}),
    (
        DECOMPOSER,
        {
            "questions": ["Red?", {"question": "", "depends_on": [1]}, {"question": "2?"}],
            "facts": ["the flower is the sakura", {"fact": "x", "sure": "no"}],
        },
    ),
    (SKILL_WRITER, {"prompt": 'a "sign"\nin <two> lines'}),
    (COMPRESSOR, {"experience": "more light", "lesson": "draw large"}),
    (REFINER, {"action": "rewrite", "prompt": "a cat", "covers": [{"number": 1, "quote": "a cat"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("role", "said"), ANSWERS, ids=[role.name for role, _ in ANSWERS])
def test_every_roles_answer_is_read_as_it_was_kept(role: Role[Any], said: dict[str, Any]) -> None:
    tokens = (Token("yes", {"yes": 0.75, "no": 0.25}),)
    reply = Reply(role.answer.model_validate(said), "because", Cost(2, 30, 4), tokens)
    assert reply_in(kept_reply(reply), role) == reply


@pytest.mark.parametrize("kept", [{}, {"answer": 3}, {"answer": {}, "cost": [], "tokens": [1]}])
def test_what_another_version_kept_is_asked_for_anew(kept: dict[str, Any]) -> None:
    role = Role("skill_writer", "", (), Rewrite)
    assert reply_in(kept, role) is None


class Kept:
    """An account that remembers what it was charged."""

    name = "kept"

    def __init__(self, cap: float) -> None:
        self.cap, self.charged = cap, list[float]()

    def left(self) -> float | None:
        return self.cap - sum(self.charged)

    def refusal(self) -> str:
        return "it is spent"

    def charge(self, money: float) -> None:
        self.charged.append(money)


def test_what_is_noted_is_neither_paid_nor_charged_again(tmp_path: Path) -> None:
    account, prices = Kept(0.5), Prices({"fake": Price(call=0.25)})

    def ask(task: str) -> list[str]:
        return copy_context().run(paying, task)

    def paying(task: str) -> list[str]:
        PAYER.set(Payer(Purse(), None, account, capped=True))
        return asked(KeptMLLM(priced_mllm(wavering(), prices)), tmp_path, writer(prompt=task))

    assert ask("a") == ask("a") == ["answer 0"] and account.charged == [0.25]
    assert ask("b") == ["answer 0"] and account.charged == [0.25, 0.25]
    with pytest.raises(BudgetError, match="it is spent"):
        ask("c")
    assert ask("b") == ["answer 0"] and account.charged == [0.25, 0.25]
