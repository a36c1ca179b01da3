"""What people say around a request changes nothing about what is to be drawn."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from gems.errors import NotInWorldError
from gems.models.embedded.questions import questions_for
from gems.models.embedded.reading.grammar import read_prompt

KEPT = Path(__file__).parents[2] / "newcomers_unseen.jsonl"
DIGITS = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
PROMPTS = 250


def lower(prompt: str) -> str:
    return prompt if prompt[:2].isupper() else prompt[0].lower() + prompt[1:]


def ended(prompt: str) -> str:
    return prompt.rstrip(" .!")


FRAMES: dict[str, Callable[[str], str]] = {
    "courtesy": lambda prompt: f"Hi! Could you please draw {lower(prompt)}",
    "thanks": lambda prompt: f"{ended(prompt)}. Thanks a lot!",
    "praise": lambda prompt: f"{ended(prompt)}. That would be lovely.",
    "purpose": lambda prompt: f"{ended(prompt)}, for my daughter's birthday",
    "what for": lambda prompt: f"As a poster for the kitchen: {lower(prompt)}",
    "story": lambda prompt: f"We went to the zoo yesterday. {prompt}",
    "story and so": lambda prompt: f"I love painting, so please draw {lower(prompt)}",
    "reason": lambda prompt: f"{ended(prompt)}, because she loves them",
    "chat": lambda prompt: f"so um can you like do {lower(prompt)} lol",
    "digits": lambda prompt: re.sub(
        rf"\b({'|'.join(DIGITS)})\b", lambda match: DIGITS[match[0]], prompt
    ),
    "letter": lambda prompt: f"Dear Sir or Madam,\n\n{prompt}\n\nWith kind regards,\nIngrid",
    "lesson": lambda prompt: f"We have a lesson tomorrow. {prompt}",
    "heading": lambda prompt: f"halloween idea: {lower(prompt)}",
    "slide": lambda prompt: f"slide 4 - {prompt}",
    "deadline": lambda prompt: f"My boss wants this by friday: {prompt}",
    "who": lambda prompt: f"I am a teacher at a small school near Bonn. {prompt}",
    "loss": lambda prompt: f"our cat is sick. {prompt}",
    "cheer": lambda prompt: f"\U0001f389 {prompt}",
    "instead": lambda prompt: f"A unicorn? If not, {lower(prompt)}",
    "signs": lambda prompt: prompt.replace(" and ", " & "),
}


def read(prompt: str) -> list[str] | None:
    try:
        return sorted(item["statement"] for item in questions_for(read_prompt(prompt)))
    except NotInWorldError:
        return None


@pytest.mark.slow
def test_a_frame_changes_no_reading() -> None:
    rows = [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()]
    kept = [row["prompt"] for row in rows if row["means"] and "\n" not in row["prompt"]]
    wrong, refused = list[str](), list[str]()
    for prompt in random.Random(1).sample(kept, PROMPTS):
        means = read(prompt)
        for frame in FRAMES.values():
            framed = frame(prompt)
            found = read(framed)
            if found is None:
                refused.append(framed)
            elif found != means:
                wrong.append(framed)
    assert wrong == []
    assert len(refused) < 0.03 * PROMPTS * len(FRAMES)
