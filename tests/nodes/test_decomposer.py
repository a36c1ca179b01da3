"""The decomposer's questions: atoms with their parents, each once, none made up; and facts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from gems.errors import InputError
from gems.graphs.refinement import build_graph
from gems.models.chat.answers import parse_answer
from gems.models.embedded.questions import questions_for
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.models.knowledge import passages_in
from gems.nodes.context import RunContext
from gems.nodes.decomposer import Question, Questions, number_requirements
from gems.nodes.dependencies import Dependencies
from gems.nodes.requirements import made_up, matter_of
from gems.settings import Settings
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import tool


def test_a_question_waits_for_all_its_parents() -> None:
    asked = [
        Question(question="Is there a cat?"),
        Question(question="Is there a dog?"),
        Question(question="Is the cat left of the dog?", depends_on=[1, 2, 3, 9]),
    ]
    last = number_requirements(asked)[-1]
    assert (last.get("parents"), last["parent"]) == (["q1", "q2"], "q1")


@pytest.mark.parametrize(
    "same",
    [
        ("Are there exactly two red circles?", "Are there two red circles in the picture?"),
        ("Is there a cat?", "Is a cat visible in the image?"),
        ("Is there a cat?", "is there any cat ?"),
        ("Are there any cats?", "Does the picture show cats?"),
        ("图中有一只猫吗?", "图中有一只猫吗？"),
    ],
)
def test_a_question_asked_in_two_ways_is_one(same: tuple[str, str]) -> None:
    assert len(number_requirements([Question(question=text) for text in same])) == 1


@pytest.mark.parametrize(
    "different",
    [
        ("Is the cat left of the dog?", "Is the dog left of the cat?"),
        ("Is there a cat?", "Is there no cat?"),
        ("Are there two cats?", "Are there three cats?"),
        ("Is the cat red?", "Is the cat's ball red?"),
        ("Are there any cats?", "Are there exactly two cats?"),
    ],
)
def test_what_differs_stays(different: tuple[str, str]) -> None:
    assert matter_of(different[0]) != matter_of(different[1])


def test_a_text_that_nobody_asked_for_is_made_up() -> None:
    def asks(question: str, kind: str = "text") -> Question:
        return Question.model_validate({"question": question, "kind": kind})

    prompt = 'a poster that says "Summer Jazz Night", with a title'
    assert not made_up(asks('Does it say "Summer Jazz Night"?'), prompt, [])
    assert not made_up(asks("Does it say “SUMMER JAZZ NIGHT!”?"), prompt, [])
    assert made_up(asks('Does it say "Live at the Beach"?'), prompt, [])
    assert not made_up(asks('Is there a "beach" look?', "style"), prompt, [])
    assert not made_up(asks('Does it say "paix"?'), "the French word for peace", ["peace is paix"])


def test_the_embedded_decomposer_asks_atoms_behind_gates() -> None:
    asked = questions_for(read_prompt("three red circles above two blue squares"))
    assert [(q["kind"], q["depends_on"]) for q in asked] == [
        ("object", []), ("count", [1]), ("object", []), ("count", [3]), ("count", []),
        ("position", [1, 3]),
    ]  # fmt: skip
    assert [q["question"] for q in asked[:2]] == [
        "Are there any red circles?", "Are there exactly three red circles?"
    ]  # fmt: skip
    for plain in ("a red circle", "two red circles"):
        assert len(questions_for(read_prompt(plain))) == 2


def test_a_bare_list_of_questions_is_still_read() -> None:
    found = parse_answer('[{"question": "Is there a cat?", "depends_on": "none"}]', Questions)
    assert [q.question for q in found.questions] == ["Is there a cat?"] and found.facts == []


FLOWER = {"fact": "the national flower of Japan is the cherry blossom", "sure": False}
TOWER = {"fact": "the tallest building in Dubai is the Burj Khalifa", "sure": True}
QUESTIONS = [
    {"question": "Are there cherry blossoms?", "statement": "cherry blossoms", "kind": "object"},
    {"question": "Is there a bench?", "statement": "a bench", "kind": "object"},
]


class Retriever(BaseRetriever):
    """Knows one thing about flowers."""

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [Document(page_content=f"{query}: pink,\nfive petals"), Document(page_content=" ")]


retriever = Retriever()


@tool
def lookup(query: str) -> str:
    """Looks it up."""
    return "pink, five petals"


async def slow(query: str) -> str:
    await asyncio.sleep(60)
    return "never"


def broken(query: str) -> str:
    raise RuntimeError("no index")


number = 7


def run(tmp_path: Path, knowledge: str = "", facts: Any = (FLOWER, TOWER)) -> tuple[FakeMLLM, Any]:
    mllm = FakeMLLM(
        planner={"skill": "none"},
        decomposer={"facts": list(facts), "questions": QUESTIONS},
        skill_writer={"prompt": "cherry blossoms beside a bench"},
        verifier=[{"verdict": "no"}, {"verdict": "yes"}],
        compressor={"experience": "say it first"},
        refiner={"action": "resample"},
    )
    # Only what never answers may run into it, however busy the machine.
    patience = 0.05 if knowledge.endswith(":slow") else 60.0
    settings = Settings(home=tmp_path, knowledge=knowledge, knowledge_timeout=patience)
    deps = Dependencies(settings, mllm=mllm, generator=FakeGenerator())
    context = RunContext(seed=7, memory=False)
    return mllm, build_graph(deps=deps).invoke({"prompt": "Japan's flower, a bench"}, context=context)


@pytest.mark.parametrize("name", ["retriever", "lookup"])
def test_what_is_looked_up_reaches_writers_and_verifier_as_data(tmp_path: Path, name: str) -> None:
    mllm, result = run(tmp_path, f"{__name__}:{name}")
    assert result["warnings"] == []
    [writer] = mllm.asked("skill_writer")
    unsure, sure = writer["facts"]
    assert "five petals" in unsure["found"][0] and "found" not in sure
    assert mllm.asked("refiner")[0]["facts"] == writer["facts"]
    assert result["rounds"][0]["prompt"] == "cherry blossoms beside a bench"
    shown = {fields["question"]: fields.get("knowledge") for fields in mllm.asked("verifier")}
    assert shown["Are there cherry blossoms?"] == unsure["found"]
    assert shown["Is there a bench?"] is None


def test_without_facts_nothing_is_written_or_looked_up(tmp_path: Path) -> None:
    mllm, result = run(tmp_path, f"{__name__}:broken", facts=())
    assert not mllm.asked("skill_writer") and result["warnings"] == []


@pytest.mark.parametrize(
    ("name", "says"), [("slow", "nothing within 0.05 s"), ("broken", "no index"), ("", "")]
)
def test_a_look_up_that_fails_or_is_slow_costs_one_warning(
    tmp_path: Path, name: str, says: str
) -> None:
    other = {"fact": "the winner is not known", "sure": "no"}
    mllm, result = run(tmp_path, f"{__name__}:{name}" if name else "", facts=(FLOWER, other))
    assert result["outcome"] == "all_passed" and len(result["warnings"]) == bool(says)
    assert all(says in line for line in result["warnings"])
    assert [fact["sure"] for fact in mllm.asked("skill_writer")[0]["facts"]] == [False, False]


@pytest.mark.parametrize("spec", ["no.such:thing", f"{__name__}:nothing", f"{__name__}:number", "x"])
def test_a_source_that_is_none_is_named_before_anything_is_paid(tmp_path: Path, spec: str) -> None:
    with pytest.raises(InputError, match=r"GEMS_KNOWLEDGE|no knowledge source"):
        run(tmp_path, spec)


@pytest.mark.parametrize(
    ("found", "texts"),
    [
        (None, []),
        ("one\n two", ["one two"]),
        ([{"content": "a"}, {"title": "t"}], ["a", "{'title': 't'}"]),
        (["x" * 5000], ["x" * 1000]),
        (list("abcde"), list("abc")),
    ],
)
def test_passages_are_short_and_few(found: Any, texts: list[str]) -> None:
    assert passages_in(found) == texts
