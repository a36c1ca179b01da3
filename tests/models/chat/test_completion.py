"""No body of a chat server, however odd, is anything but a message or no answer."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.strategies as st
import pytest
from gems.models.chat.completion import NoAnswerError, read_completion
from gems.models.chat.messages import Said, parse_said, read_message
from gems.models.judges.mllm import Look, Looks
from gems.nodes.actions import ACTIONS, answer_for
from gems.nodes.decomposer import Question, Questions, number_requirements
from gems.nodes.planner import SkillChoice
from hypothesis import given
from pydantic import BaseModel, ValidationError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call"), VALUES
    ),
)
CHOICES = st.lists(
    VALUES
    | st.fixed_dictionaries(
        {"message": MESSAGES | VALUES}, optional={"finish_reason": VALUES, "error": VALUES}
    ),
    max_size=3,
)
BODIES = VALUES | st.fixed_dictionaries(
    {"choices": CHOICES | VALUES}, optional={"usage": VALUES, "error": VALUES, "detail": VALUES}
)


@given(BODIES)
def test_any_json_is_a_message_or_no_answer(body: object) -> None:
    try:
        said = read_message(read_completion(json.dumps(body).encode()))
    except NoAnswerError as exc:
        assert "\n" not in str(exc)
    else:
        assert isinstance(said.text, str) and isinstance(said.declined, str)
        said.text.encode()


@given(st.binary())
def test_any_bytes_are_a_message_or_no_answer(body: bytes) -> None:
    with pytest.raises(NoAnswerError) as caught:
        read_completion(body)
    assert "\n" not in str(caught.value)


REFINEMENT = answer_for(tuple(ACTIONS.values()))


@pytest.mark.parametrize("answer", [Questions, Looks, Look, SkillChoice, REFINEMENT])
@given(data=st.data())
def test_any_value_of_any_field_is_read_or_refused(answer: type[BaseModel], data: Any) -> None:
    items = st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("number", "verdict", "reason", "question", "kind", "depends_on", "statement", "quote"),
            VALUES,
        ),
    )
    fields = st.lists(items | VALUES, max_size=4) | VALUES
    value = data.draw(st.fixed_dictionaries(dict.fromkeys(answer.model_fields, fields)))
    try:
        found = answer.model_validate(value)
    except ValidationError:
        return
    found.model_dump_json()


@given(st.lists(st.none() | st.integers() | st.just({"question": "Is it so?"}), min_size=1))
def test_questions_that_are_none_leave_the_others_their_numbers(items: list[Any]) -> None:
    good = [{"question": f"Is it {n}?"} for n in range(3)]
    asked = [*items[:2], *good, {"question": "Last?", "depends_on": len(items[:2]) + 2}]
    requirements = number_requirements(Questions.model_validate({"questions": asked}).questions)
    by_question = {item["question"]: item for item in requirements}
    assert by_question["Last?"]["parent"] == by_question["Is it 1?"]["id"]


TWOS: list[object] = [2, 2.0, "2", "2.", "q2", "#2", [2], "question 2"]
NO_NUMBERS: list[object] = ["none", "", None, True, 2.5, "1 and 2", "2.5", {}, [], float("inf")]
NUMBERS = [*((said, 2) for said in TWOS), *((odd, None) for odd in NO_NUMBERS)]


@pytest.mark.parametrize(("said", "number"), NUMBERS)
def test_a_number_is_read_in_any_writing_and_never_guessed(said: object, number: int | None) -> None:
    assert REFINEMENT.model_validate({"action": "resample", "base": said}).base == number


SEVERAL: list[tuple[object, list[int]]] = [
    ([1, 2], [1, 2]), (["q1", "2."], [1, 2]), ("1 and 2", [1, 2]), ("q1, q3", [1, 3]), ([], []),
    (None, []), ("none", []), (["none", 4], [4]), ("2.5", []), ({"a": 1}, []),
]  # fmt: skip


@pytest.mark.parametrize(("said", "numbers"), [*((s, [2]) for s in TWOS), *SEVERAL])
def test_parents_are_read_however_many_and_however_they_are_written(
    said: object, numbers: list[int]
) -> None:
    assert Question.model_validate({"question": "?", "depends_on": said}).depends_on == numbers


def test_an_answer_that_ends_its_reasoning_is_taken_though_the_model_was_stopped() -> None:
    said = Said(reasoning='So: {"skill": "none"}', ended="length")
    assert parse_said(said, SkillChoice).skill == "none"
