"""Who is let in, and what other sites' pages can do."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from gems.app import garbage
from gems.app.http.keys import KeyRing
from gems.app.ui.live import LiveRuns
from gems.app.ui.site import session_site
from scripted_sessions import session_with
from starlette.testclient import TestClient

HERE = {"origin": "http://testserver", "accept": "text/html"}


def client_of(home: Path) -> TestClient:
    return TestClient(
        session_site(session_with(home), KeyRing(home), LiveRuns()), follow_redirects=False
    )


@pytest.mark.parametrize(
    "origin",
    [
        None, "null", "http://evil.example", "http://testserver.evil.example", "http://testserver:81",
        "testserver",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/runs", "/runs/x/stop", "/login", "/logout"])
def test_another_sites_form_changes_nothing(page: Any, origin: str | None, path: str) -> None:
    headers = {"origin": origin} if origin else {}
    answer = page.client.post(path, data={"prompt": "a cat"}, headers=headers)
    assert answer.status_code == 403 and not page.session.index.all()


def test_a_name_that_leads_here_from_elsewhere_is_refused(page: Any) -> None:
    evil = {"host": "evil.example", "origin": "http://evil.example"}
    assert page.client.get("/", headers=evil).status_code == 401
    assert page.client.post("/runs", data={"prompt": "a cat"}, headers=evil).status_code == 401


@pytest.mark.parametrize("path", ["/", "/runs", "/static/page.js", "/nothing", "/login"])
def test_every_answer_says_what_a_browser_may_do(page: Any, path: str) -> None:
    headers = page.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_with_keys_only_who_has_one_comes_in(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    key, text = ring.add("ann")
    with client_of(tmp_path) as client:
        sent = client.get("/runs?q=a", headers=HERE)
        assert sent.status_code == 303 and sent.headers["location"] == "/login?next=/runs%3Fq%3Da"
        for path in ("/runs/x/live", "/pictures/" + "0" * 64 + ".png", "/settings/findings"):
            assert client.get(path).status_code == 401
        assert client.post("/runs", data={"prompt": "a cat"}, headers=HERE).status_code == 401
        assert client.get("/static/page.css").status_code == 200
        refused = client.post("/login", data={"key": "gems_x"}, headers=HERE)
        assert refused.status_code == 422 and "opens nothing" in refused.text
        let_in = client.post("/login", data={"key": text, "next": "/runs?q=a"}, headers=HERE)
        assert let_in.headers["location"] == "/runs?q=a"
        assert {"HttpOnly", "SameSite=lax"} <= set(let_in.headers["set-cookie"].split("; "))
        assert client.get("/runs?q=a", headers=HERE).status_code == 200
        ring.revoke(key.id)
        assert client.get("/runs", headers=HERE).status_code == 303


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_a_key_leads_to_this_server_alone(tmp_path: Path, place: str) -> None:
    _, text = KeyRing(tmp_path).add("ann")
    with client_of(tmp_path) as client:
        let_in = client.post("/login", data={"key": text, "next": place}, headers=HERE)
        assert let_in.headers["location"] == "/"
        left = client.post("/logout", headers=HERE)
        assert left.status_code == 303 and client.get("/", headers=HERE).status_code == 303


def test_while_it_is_up_collections_stay_short(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "LONG", -1.0)
    gc.collect()
    assert gc.get_freeze_count() > 1000
