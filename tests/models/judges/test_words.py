"""Yes and no in many languages, and numbers in reasons."""

from __future__ import annotations

import pytest
from gems.models.judges.looks import Look, Looks, verdict_of
from gems.models.judges.words import counted_share, number_in, plain_verdict, read_verdict
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

YES = """
yes|Yes.|YES, plainly|"yes"|**Yes**|Correct|correct.|right|true|passed|是|是的
对|正确|有|符合要求|はい|はい、あります|예|네, 있습니다|да|Да, верно|верно|نعم
Sí|sí, claro|si|oui|Oui !|ja|Ja, genau|sim|tak|evet|có|ya|हाँ|ใช่|✓|✅ yes
"""
NO = """
no|No.|NO - there is none|incorrect|false|failed|not met|none|不是|否|没有
不符合|いいえ|ない|아니요|нет|Нет, это не так|لا|non|Non, il n'y a personne|nein
Nein|não|nie|hayır|không|tidak|नहीं|ไม่ใช่|❌|✗ no
"""
CANNOT = """
cannot tell|cannot_tell|can't tell|Can’t say|unclear|uncertain|not sure
not visible|maybe|perhaps|无法判断|不确定|看不清|わかりません|неясно
не могу сказать|unklar|no se puede ver|impossible à dire|yesterday
"""


def listed(text: str, verdict: str) -> list[tuple[str, str]]:
    return [(word, verdict) for line in text.strip().splitlines() for word in line.split("|")]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [*listed(YES, "yes"), *listed(NO, "no"), *listed(CANNOT, "cannot_tell")],
)
def test_a_verdict_is_read_in_any_language(said: str, verdict: str) -> None:
    assert read_verdict(said) == verdict


@pytest.mark.parametrize("said", ["", "...", None, 7, "1"])
def test_what_holds_no_word_is_refused(said: object) -> None:
    if said is not None:
        with pytest.raises(ValidationError):
            Look.model_validate({"verdict": said})


def test_one_odd_verdict_voids_itself_alone() -> None:
    said = [
        {"number": 1, "verdict": "是"},
        {"number": 2, "verdict": []},
        {"number": 3, "verdict": "Correct"},
        {"number": 4, "verdict": "нет"},
    ]
    looks = Looks.model_validate({"verdicts": said}).verdicts
    assert [(look.number, look.verdict) for look in looks] == [(1, "yes"), (3, "yes"), (4, "no")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("I count four dogs, two of them left", 4),
        ("there are 12 stars", 12),
        ("图中有三个红色圆圈", 3),
        ("一只狗", 1),
        ("there is no heart", None),
        ("the attendant", None),
    ],
)
def test_the_first_number_is_read(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_a_wrong_number_earns_what_it_is_near_to_the_right_one() -> None:
    question = "Are there exactly three red circles?"
    assert counted_share(question, "there are four red circles") == 0.75
    assert counted_share(question, "there are none") is None
    requirement = {"question": question, "kind": "count", "id": "q1", "statement": "", "parent": None}
    for reason, credit in (("four circles", 0.75), ("three circles", 0.0)):
        verdict = verdict_of(Look(verdict="no", reason=reason), requirement)  # type: ignore[arg-type]
        assert verdict.get("credit") == credit
    other = {**requirement, "kind": "position"}
    assert "credit" not in verdict_of(Look(verdict="no", reason="four"), other)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["{}", "}", "12", "...", "{'}"])
def test_a_line_without_a_word_is_no_verdict(line: str) -> None:
    assert plain_verdict(line) is None


@given(st.text(min_size=1))
def test_any_line_is_a_verdict_or_none(line: str) -> None:
    assert plain_verdict(line) in {"yes", "no", "cannot_tell", None}
