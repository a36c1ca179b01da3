"""How people are asked in the middle of a run: LangGraph's interrupt, in the form that agent inboxes
show, until there is an answer that can be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import InputError

FormT = TypeVar("FormT", bound=BaseModel)
TakenT = TypeVar("TakenT")
EVERY_ANSWER = {
    "allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True,
}  # fmt: skip
"""Of an agent inbox's HumanInterrupt: what people may answer with."""


def ask_person(asked: dict[str, Any], take: Callable[[Any], TakenT], problem: str = "") -> TakenT:
    """Interrupts the run, however long it takes until somebody answers.

    Args:
        asked: a HumanInterrupt, and whatever else those who show it may need.
        take: makes something of an answer, or raises InputError; then the question is put once more.
        problem: why an earlier answer could not be used.
    """
    from langgraph.types import interrupt

    while True:
        # What cannot be used stays in the checkpoints, so that each answer finds its question.
        said = interrupt([with_problem(asked, problem)])
        try:
            return take(said)
        except InputError as exc:
            problem = str(exc)


def with_problem(asked: dict[str, Any], problem: str) -> dict[str, Any]:
    """The question, where an answer could not be used with why."""
    if not problem:
        return asked
    return {**asked, "problem": problem, "description": f"{problem}\n\n{asked['description']}"}


def read_answer(
    said: Any, form: type[FormT], from_inbox: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> FormT:
    """An answer in our own form, or as agent inboxes send it.

    Args:
        said: the answer; text alone is one in words.
        form: ours.
        from_inbox: an inbox's HumanResponse in our form.

    Raises:
        InputError: it is none.
    """
    if isinstance(said, list):
        said = said[0] if said else {}
    if isinstance(said, str):
        said = {"type": "response", "args": said}
    try:
        return form.model_validate(from_inbox(said) if "type" in (said or {}) else said or {})
    except (ValidationError, TypeError) as exc:
        fields = ", ".join(form.model_fields)
        problem = exc.errors()[0] if isinstance(exc, ValidationError) else {"loc": (), "msg": str(exc)}
        place = ".".join(str(part) for part in problem["loc"])
        raise InputError(
            f"the answer cannot be used: {place or 'it'}: {problem['msg']}; it may hold {fields}"
        ) from exc
