"""What the page lists: runs, two of them, skills, experiences, settings."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from gems.memory.fakes import FakeExperiences
from gems.models.fakes import FakeGenerator
from pydantic import SecretStr
from scripted_sessions import scripted

EVIL = "<script>alert(1)</script> & \"a\" 'cat' {{ 7 * 7 }}"


def test_runs_are_found_by_words_and_outcome(page: Any) -> None:
    cat, dog = page.draw("a cat"), page.draw("a dog on a cat")
    for query, found in {
        "": {cat, dog}, "?q=CAT": {cat, dog}, "?q=dog%20cat": {dog}, "?q=bird": set(),
        "?outcome=all_passed": {cat, dog}, "?outcome=failed": set(), "?outcome=<b>": {cat, dog},
        "?page=7": {cat, dog}, "?page=x&stars=": {cat, dog},
    }.items():  # fmt: skip
        text = page.get(f"/runs{query}").text
        assert set(re.findall(r'class="card-link" href="/runs/([^"]+)"', text)) == found, query


def test_a_long_list_has_pages(page: Any) -> None:
    thread = page.draw()
    record = page.session.index.read(thread)
    for number in range(30):
        page.session.index.write(record.model_copy(update={"thread_id": f"copy-{number}"}))
    first = page.get("/runs?q=copy").text
    assert "30 runs" in first and "page 1 of 2" in first
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following and page.get(html.unescape(following[1])).text.count('class="card"') == 6


def test_a_picture_elsewhere_or_none_has_a_thumbnail_all_the_same(page: Any) -> None:
    thread = page.draw()
    record = page.session.index.read(thread)
    page.session.index.write(record.model_copy(update={"image": "/elsewhere/copy.png"}))
    assert f'src="/runs/{thread}/thumbnail"' in page.get("/").text
    assert page.get(f"/runs/{thread}/thumbnail").headers["content-type"] == "image/webp"
    page.session.index.write(record.model_copy(update={"thread_id": "new", "image": None}))
    assert page.get("/runs/new/thumbnail").headers["content-type"] == "image/svg+xml"


def test_two_runs_stand_side_by_side(page: Any) -> None:
    one, other = page.draw("a cat"), page.draw("a black cat")
    text = page.get(f"/compare?run={one}&run={other}").text
    assert text.count('class="stage"') == 2 and re.search(r"a <ins>black </ins>\s*cat", text)
    for query in ("", f"?run={one}", f"?run={one}&run={one}&run={one}"):
        refused = page.get(f"/compare{query}")
        assert refused.status_code == 422 and "choose two runs" in refused.text


@pytest.mark.parametrize("path", ["/runs/nobody", "/runs/..%2Fkeys", "/nothing", "/runs/nobody/live2"])
def test_what_is_not_there_is_said_on_a_page(page: Any, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code in (404, 422) and answer.text.count('role="alert"') == 1


@pytest.mark.parametrize(
    "parts",
    [
        {
            "mllm": scripted(
                decomposer={"questions": [{"question": f"{EVIL}?", "statement": EVIL}]},
                verifier=[{"verdict": "no", "reason": EVIL}] * 9,
                refiner={"action": "rewrite", "prompt": f"{EVIL} at dusk", "strategy": EVIL},
                compressor={"experience": EVIL},
            ),
            "generator": FakeGenerator(),
            "experiences": FakeExperiences(),
        }
    ],
)
def test_whatever_stands_in_a_run_is_text_everywhere(page: Any, parts: Any) -> None:
    thread = page.draw(EVIL, review="every_round", rounds="3")
    for wrong in (EVIL, "", ""):
        page.post(f"/runs/{thread}/answer", wrong=wrong)
        page.wait(thread)
    pair = f"/compare?run={thread}&run={thread}"
    again = "/?" + urlencode({"prompt": EVIL})
    for path in ("/", again, "/runs", f"/runs/{thread}", pair, "/experiences"):
        text = page.get(path).text
        assert "<script>" not in text and "&lt;script&gt;" in text and "{{ 7 * 7 }}" in text, path


def test_memory_is_looked_through_and_searched(page: Any) -> None:
    thread = page.draw("a cat")
    text = page.get("/experiences").text
    assert "say it first" in text and f'href="/runs/{thread}"' in text
    # The collection of the session is by the settings' generator.
    assert "Nothing is kept of such requests" in page.get("/experiences?q=a+cat").text


def test_skills_are_shown_with_their_text(page: Any) -> None:
    text = page.get("/skills").text
    for skill in page.session.deps.skills.skills():
        assert f"<h2>{skill.name}</h2>" in text
    assert text.count("<pre") == len(page.session.deps.skills.names())


def test_settings_tell_no_secret(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from gems.app.ui.browse import settings_of
    from gems.settings import Settings

    made = Settings(
        mllm_api_key=SecretStr("sk-hush"), database_url=SecretStr("postgresql://me:hush@db/gems"),
        mllm_base_url="http://me:hush@127.0.0.1:9/v1",
    )  # fmt: skip
    shown = {item.variable: item for item in settings_of(made)}
    assert not any("hush" in i.value for i in shown.values())
    assert shown["GEMS_MLLM_API_KEY"].changed and not shown["GEMS_BATCH"].changed
    assert shown["GEMS_MLLM_BASE_URL"].value == "http://***@127.0.0.1:9/v1"
    assert "GEMS_HOME" in page.get("/settings").text


def test_the_doctors_findings_come_after(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMS_ROUNDS", "")
    assert 'data-load="/settings/findings"' in page.get("/settings").text
    monkeypatch.setenv("GEMS_BATCH", "none")
    found = page.get("/settings/findings").text
    assert 'id="findings"' in found and "GEMS_BATCH" in found
