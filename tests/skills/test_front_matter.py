"""The text of a SKILL.md: any bytes are read or refused, at a bounded cost."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from gems.skills.front_matter import HEAD_LIMIT, read_fields, split_front_matter
from gems.skills.skill import inspect
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_skills import write

YAML_LIKE = st.text(
    st.sampled_from("abc:-&*!|>[]{}#?,'\"\\ \t\nxUu0%@`~<.\ud800\x1b\ufeff"), max_size=80
)


@given(st.one_of(YAML_LIKE, st.text(max_size=200)))
@settings(max_examples=400, deadline=None)
def test_any_front_matter_gives_texts_or_a_reason(head: str) -> None:
    fields, problem = read_fields(head)
    assert fields or problem or head.strip()
    for text in (*fields.values(), problem):
        text.encode("utf-8")
        assert "\x1b" not in text
    assert "\n" not in problem


@given(st.one_of(st.binary(max_size=300), YAML_LIKE.map(lambda t: t.encode("utf-8", "replace"))))
@settings(max_examples=200, deadline=None)
def test_any_file_is_a_skill_or_says_why_not(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        for start in (b"", b"---\nname: x\ndescription: y\n"):
            folder = write(Path(root), "any", start + data)
            found = inspect(folder)
            assert found.skill or found.problems
            assert not found.skill or found.skill.body


@pytest.mark.parametrize(
    "unit", ["[", "{", "? ", "- ", "a: {", "&a *a ", "'", '"', "!", "a: b\n", "\\", "|\n", "%", "[a, "]
)
def test_no_front_matter_takes_long(unit: str) -> None:
    head = "x: " + unit * (HEAD_LIMIT // len(unit) - 4)
    start = time.monotonic()
    read_fields(head)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("line", "description"),
    [
        ("description: Use when: a cat", "Use when: a cat"),
        ("description: [draft] of a: cat", "[draft] of a: cat"),
        ("description: 'a: b' and: c", "'a: b' and: c"),
        ('description: "a \\q b"', "a \\q b"),
        ("description: >-\n  a: b\n\tc", "a: b c"),
        ("description: |\n  a\n  b\nother: [", "a b"),
        ("description:\n  a\n  b: c: d", "a b: c: d"),
        ("description: @mentions a cat", "@mentions a cat"),
        ("description: `code` of a cat", "`code` of a cat"),
        ("description: 100% cats: all of them", "100% cats: all of them"),
    ],
)
def test_a_description_that_is_no_yaml_is_read_by_its_lines(line: str, description: str) -> None:
    fields, problem = read_fields(f"name: cats\n{line}")
    assert problem.startswith("front matter is no YAML: ")
    assert (fields["name"], fields["description"]) == ("cats", description)


def test_an_indented_rule_does_not_end_the_front_matter() -> None:
    assert split_front_matter("---\na: |\n  ---\n--- \nbody\n---\nmore") == (
        "a: |\n  ---",
        "body\n---\nmore",
    )


def test_the_line_of_a_mistake_is_the_files() -> None:
    assert read_fields("name: x\ndescription: a: b")[1].endswith("(line 3)")
