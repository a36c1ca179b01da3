"""A run as one HTML file."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from gems.app.cli import app
from gems.app.run_page import page
from gems.app.run_view import word_diff
from gems.models.fakes import FakeGenerator
from hypothesis import given
from hypothesis import strategies as st
from scripted_sessions import scripted, session_with
from typer.testing import CliRunner

EVIL = "<script>alert(1)</script> & \"a\" 'cat'"


class Tags(HTMLParser):
    """The tags of a page, and what its attributes load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [value or "" for name, value in attrs if name == "src"]


def rendered(tmp_path: Path) -> str:
    failing = {"verdict": "no", "reason": f"{EVIL} is missing"}
    mllm = scripted(
        decomposer={"questions": [{"question": f"{EVIL}?", "statement": EVIL}]},
        verifier=[failing, failing, {"verdict": "yes"}, {"verdict": "yes"}],
        refiner={"action": "rewrite", "prompt": f"{EVIL} at dusk", "strategy": "style"},
        compressor={"experience": f"{EVIL} first"},
    )
    with session_with(tmp_path, mllm=mllm, generator=FakeGenerator()) as session:
        result = session.generate(EVIL, thread_id="mine", candidates=2, seed=1)
        return page(session.report(result["thread_id"]), session.facts("mine"), session.deps)


def test_it_shows_pictures_verdicts_prompts_experiences_and_work(tmp_path: Path) -> None:
    text = rendered(tmp_path)
    assert text.count("<img") == 5 and 'class="best"' in text
    assert re.search(r"<ins>[^<]*at dusk", text) and ">style<" in text
    assert f"{html.escape(EVIL)} first".replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in text
    assert text.count('aria-label="fails"') and text.count('aria-label="passes"')
    for node in ("planner", "generator", "verifier", "refiner"):
        assert f'<th scope="row">{node}</th>' in text


def test_whatever_stands_in_a_run_is_text_and_nothing_is_loaded(tmp_path: Path) -> None:
    tags = Tags()
    tags.feed(rendered(tmp_path))
    assert "script" not in tags.tags and tags.loaded
    assert all(source.startswith("data:image/webp;base64,") for source in tags.loaded)


@given(st.text(), st.text())
def test_a_difference_by_words_holds_both_prompts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(p.text for p in pieces if p.kind != "gone").split() == after.split()
    kept = sum(len(p.text.split()) for p in pieces if p.kind == "same")
    gone = sum(len(p.text.split()) for p in pieces if p.kind == "gone")
    assert kept + gone == len(before.split())


def test_the_command_writes_the_file_or_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_HOME", str(tmp_path))
    rendered(tmp_path)
    made = CliRunner().invoke(app, ["show", "mine", "--html", str(tmp_path / "run.html")])
    assert made.exit_code == 0 and "<h1>" in (tmp_path / "run.html").read_text()
    (tmp_path / "file").write_text("")
    refused: Any = CliRunner().invoke(
        app, ["show", "mine", "--html", str(tmp_path / "file" / "x.html")]
    )
    assert refused.exit_code == 1 and len(refused.stderr.splitlines()) == 1
