"""What models write into a field where something else was meant: read where it is clear, let go where
it is not, so that one odd field does not take the rest of an answer with it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

ItemT = TypeVar("ItemT", bound=BaseModel)
NOTHING = ("", "none", "null", "nil", "n/a", "na", "-", "no", "nothing")


def read_text(value: object) -> object:
    """A text: none at all is empty, a list is joined, a number is written out."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(str(read_text(item)) for item in value)
    return json.dumps(value, ensure_ascii=False, default=str)


def read_prose(value: object) -> object:
    """A text that matters: a list of texts is joined, anything else is left to be refused."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return "" if value is None else value


def read_number(value: object) -> object:
    """A whole number: 2.0, "2.", "q2" and [2] are 2. What is none is left for validation to refuse."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        return "a number was expected"
    if isinstance(value, str):
        return number_in(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def number_in(text: str) -> object:
    """The only number in a text; the text itself where there is none, or more."""
    numbers = re.findall(r"(?<!\w)-\d+(?:\.\d+)?|\d+(?:\.\d+)?", text)
    number = float(numbers[0]) if len(numbers) == 1 and len(numbers[0]) < 10 else 0.5
    return int(number) if number.is_integer() else text


def read_optional_number(value: object) -> object:
    """A whole number; whatever is none counts as left out."""
    number = read_number(value)
    return number if isinstance(number, int) else None


def read_numbers(value: object) -> list[int]:
    """Whole numbers, from a list, one alone, or a text with some; whatever is none is left out."""
    if isinstance(value, str):
        return [int(number) for number in re.findall(r"(?<![\w.])[qQ]?(\d{1,9})(?!\w|\.\d)", value)]
    items = value if isinstance(value, list) else [value]
    return [number for item in items if isinstance(number := read_number(item), int)]


def read_word(value: object) -> object:
    """A name from a list: "Re-Write." is "rewrite" where that is one of them."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value.strip().strip("\"'`.").strip() if isinstance(value, str) else value


def one_of(value: object, words: Sequence[str]) -> object:
    """The one of ``words`` that ``value`` means but for case and marks; else ``value``."""
    plain = letters_of(read_word(value))
    return next((word for word in words if letters_of(word) == plain), value)


def letters_of(value: object) -> str:
    """The letters of a word, lower case."""
    return re.sub(r"[\W_]+", "", str(value)).casefold()


def usable(items: object, kind: type[ItemT]) -> list[ItemT | None]:
    """Each of ``items`` as a ``kind``; None stands for one that is not."""
    return [parsed(item, kind) for item in as_items(items)]


def as_items(items: object) -> Sequence[Any]:
    """A list; of an object with a number for each key, the objects with their numbers."""
    if isinstance(items, list):
        return items
    if not isinstance(items, dict):
        return ()
    if not all(re.search(r"\d", str(key)) for key in items):
        return [items]
    return [
        {"number": key, **(item if isinstance(item, dict) else {"verdict": item, "question": item})}
        for key, item in items.items()
    ]


def parsed(item: object, kind: type[ItemT]) -> ItemT | None:
    """``item`` as a ``kind``; None: it is none."""
    if isinstance(item, kind):
        return item
    try:
        return kind.model_validate(item)
    except ValidationError:
        return None


Words = Annotated[str, BeforeValidator(read_text)]
"""A text that is said beside the matter: whatever a model puts there will do."""
Prose = Annotated[str, BeforeValidator(read_prose)]
"""A text that is the answer itself."""
Number = Annotated[int, BeforeValidator(read_number)]
"""A whole number in any writing."""
OptionalNumber = Annotated[int | None, BeforeValidator(read_optional_number)]
"""A whole number; anything else is as if it were left out."""
Numbers = Annotated[list[int], BeforeValidator(read_numbers)]
"""Whole numbers, however few and in whatever form."""
