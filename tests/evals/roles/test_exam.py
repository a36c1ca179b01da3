"""The exam finds the weaknesses that a model was given, and no others."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from command_line import gems, line_of
from conftest import settings_for
from exam_candidate import Answer as Said
from exam_candidate import Candidate, Flaw, as_it_is
from fake_conversation import read_request, section
from fake_server import Answer, Call, FakeServer
from gems.errors import AnswerError, InputError, UnreachableError
from gems.evals.roles.advice import advice, verify_mode
from gems.evals.roles.examiner import ROLES, Examiner, ExamPlan, choose_roles, figures_of
from gems.evals.roles.frame import Record, items
from gems.models import registry
from gems.models.chat.mllm import Role
from gems.models.fakes import FakeMLLM
from gems.settings import Settings
from pydantic import BaseModel

AnswerT = TypeVar("AnswerT", bound=BaseModel)
Install = Callable[[Flaw], None]


class Examinee(FakeMLLM):
    """A candidate as an MLLM; ``fails_after`` calls it cannot be reached any more."""

    steady = False

    def __init__(self, candidate: Candidate, fails_after: int = 10**6) -> None:
        super().__init__()
        self._candidate = candidate
        self._left = fails_after

    async def ask(self, role: Role[Any], fields: Any, images: Any = (), **options: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise UnreachableError("it is away: start it")
        self._queues[role.name].clear()
        self._queues[role.name].append(self._candidate.answer(role.name, dict(fields)))
        return await super().ask(role, fields, images, **options)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a model in the place of every MLLM that is opened."""

    def use(flaw: Flaw = as_it_is, fails_after: int = 10**6) -> None:
        model = Examinee(Candidate(flaw), fails_after)
        monkeypatch.setattr(registry, "open_mllm", lambda spec, settings: model)

    return use


def examine(out: Path, *roles: str) -> list[Record]:
    plan = ExamPlan("fake", out, roles or tuple(ROLES))
    return asyncio.run(Examiner(plan, Settings(home=out / "home")).run())


def weak(records: list[Record]) -> set[str]:
    return {f"{figure.role}: {figure.what}" for figure in figures_of(records) if figure.weak}


def test_who_knows_everything_has_no_weakness(install: Install, tmp_path: Path) -> None:
    install(as_it_is)
    records = examine(tmp_path)
    assert weak(records) == set()
    lines = advice(records, figures_of(records))
    assert lines[0].startswith("--verify together (each 0% wrong, 0% undecided; together 0%")
    assert lines[1:] == ["--skill auto", "--rounds 5"]
    assert {record.role for record in records} == set(ROLES)


def blind_to_numbers(role: str, asked: str, answer: Said) -> Said:
    """Passes every number; of texts it cannot tell."""
    if role.startswith("verifier") and asked.split()[2] == "exactly":
        return {**answer, "verdict": "yes"}
    if role.startswith("verifier") and "read exactly" in asked:
        return {**answer, "verdict": "cannot_tell"}
    return answer


def test_finds_what_a_judge_cannot_do(install: Install, tmp_path: Path) -> None:
    install(blind_to_numbers)
    records = examine(tmp_path, "verifier")
    assert weak(records) == {
        f"verifier: {mode}, {what}"
        for mode in ("each", "together", "votes")
        for what in ("count: false pass", "text: cannot tell")
    }


def hasty(role: str, asked: str, answer: Said) -> Said:
    """Fails relations when it is asked many things at once."""
    if role == "verifier_all" and (" above " in asked or " below " in asked):
        return {**answer, "verdict": "no"}
    return answer


def test_knows_which_way_of_asking_suits(install: Install, tmp_path: Path) -> None:
    install(hasty)
    records = examine(tmp_path, "verifier")
    assert weak(records) == {
        "verifier: together, relation: false fail",
        "verifier: votes, relation: false fail",
    }
    assert verify_mode(records) == "each"


def careless(role: str, asked: str, answer: Said) -> Said:
    """Makes one mistake of its own in every role that writes or chooses."""
    if role == "planner" and answer["skill"] == "none":
        return {**answer, "skill": "spatial"}
    if role == "decomposer":
        kept = [q for q in answer["questions"] if not q["statement"][0].isdigit()]
        return {"questions": [*kept, {"question": "Is there a hovering dragon?"}]}
    if role == "compressor":
        return {"experience": " ".join([answer["experience"], "and so on"] * 60)}
    if role == "skill_writer":
        vague = re.sub(r"\b(two|three|four|red|blue|green|yellow)\b", "some", answer["prompt"])
        return {"prompt": vague}
    if role == "refiner":
        return {**answer, "prompt": answer["prompt"] + ", no people, no text, no writing, nobody"}
    return answer


def test_finds_what_the_other_roles_do_wrong(install: Install, tmp_path: Path) -> None:
    install(careless)
    records = examine(tmp_path, *(role for role in ROLES if role != "verifier"))
    assert weak(records) == {
        "planner: none: another choice",
        "decomposer: made up",
        "compressor: more than 100 words",
        "skill_writer: requirement lost",
        "refiner: names what must be absent",
    }
    assert "--skill none (100% of plain requests got a skill)" in advice(records, figures_of(records))


def rambling(role: str, asked: str, answer: Said) -> Said:
    raise AnswerError(f"{role} writes prose")


def test_answers_that_cannot_be_used_count_against_it(install: Install, tmp_path: Path) -> None:
    install(rambling)
    assert weak(examine(tmp_path, "planner", "refiner")) == {
        "planner: no usable answer",
        "refiner: no usable answer",
    }


def test_goes_on_where_it_was_stopped(install: Callable[..., None], tmp_path: Path) -> None:
    install(as_it_is, fails_after=50)
    with pytest.raises(UnreachableError):
        examine(tmp_path, "planner", "compressor")
    install(as_it_is, fails_after=89)
    assert len(examine(tmp_path, "planner", "compressor")) == 139


def test_a_folder_holds_one_exam(install: Install, tmp_path: Path) -> None:
    install(as_it_is)
    examine(tmp_path, "compressor")
    other = ExamPlan("other", tmp_path)
    with pytest.raises(InputError, match="another exam|exam of another model"):
        Examiner(other, Settings(home=tmp_path))


def test_roles_are_named() -> None:
    assert choose_roles("refiner, planner") == ("planner", "refiner")
    with pytest.raises(InputError, match="names no role"):
        choose_roles("painter")


def test_every_question_has_one_answer_wherever_it_is_asked() -> None:
    asked: dict[str, bool] = {}
    for item in items("verifier"):
        for question in item["questions"]:
            assert asked.setdefault(question["question"], question["truth"]) == question["truth"]
    assert sum(asked.values()) * 2 == len(asked)
    sizes = {name: len(items(name)) for name in ("decomposer", "planner")}
    assert sizes == {"decomposer": 60, "planner": 120}


@pytest.mark.slow
def test_a_server_with_a_weakness_is_found_out(tmp_path: Path) -> None:
    """From the command line, through HTTP and JSON."""
    candidate = Candidate(blind_to_numbers)

    def script(call: Call, before: int) -> Answer:
        role, text, _ = read_request(call.body)
        fields = {"question": section(text, "question")}
        if role == "verifier_all":
            fields["questions"] = json.loads(section(text, "questions"))
        return Answer(json.dumps(candidate.answer(role, fields)))

    with FakeServer(script) as server, pytest.MonkeyPatch.context() as patch:
        settings = settings_for(server, tmp_path)
        patch.setenv("GEMS_MLLM_BASE_URL", str(settings.mllm_base_url))
        found = gems(
            "eval", "roles", "--mllm", "openai:fake", "--roles", "verifier", "--json",
            "--out", str(tmp_path / "exam"),
        )  # fmt: skip
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    kinds = {row["what"].partition(", ")[2] for row in said["weaknesses"]}
    assert kinds == {"count: false pass", "text: cannot tell"}
    assert said["spent"]["mllm_calls"] == len(server.calls) > 300
    assert re.search(r"about \d{3} calls, [\d,]+ tokens in", found.stderr)


def test_the_embedded_model_is_examined(tmp_path: Path) -> None:
    out = tmp_path / "exam"
    found = gems("eval", "roles", "--mllm", "embedded", "--roles", "compressor", "--out", str(out))
    assert found.exit_code == 0, found.output
    assert "Weaknesses:" in found.stdout and "none found" in found.stdout
    assert "names no role" in line_of(gems("eval", "roles", "--roles", "painter"), 2)
