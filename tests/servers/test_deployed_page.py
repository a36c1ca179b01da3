"""The web page over a graph server: the same page, the server's runs, its words where it refuses."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_server import Answer
from gems.app.http.keys import KeyRing
from gems.app.ui.deployed import Deployed
from gems.app.ui.live import LiveRuns
from gems.app.ui.site import deployed_site
from graph_server import GraphServer
from pydantic import SecretStr
from starlette.testclient import TestClient

pytestmark = [pytest.mark.servers, pytest.mark.slow]
HERE = {"origin": "http://testserver", "accept": "text/html"}


class Page:
    """The page in this process, its runs on the server."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=HERE)

    def post(self, path: str, **form: str) -> Any:
        return self.client.post(path, data=form, headers=HERE)

    def start(self, prompt: str, **form: str) -> str:
        answer = self.post("/runs", prompt=prompt, **form)
        assert answer.status_code == 200, answer.text
        return str(answer.url)

    def wait(self, url: str, text: str) -> str:
        deadline, shown = time.monotonic() + 90, ""
        while time.monotonic() < deadline:
            shown = str(self.get(url).text)
            if text in shown:
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{text!r} did not come: {shown}")


@pytest.fixture
def page(studio: GraphServer, tmp_path: Path) -> Iterator[Page]:
    site = deployed_site(Deployed(studio.url, None), KeyRing(tmp_path), LiveRuns())
    with TestClient(site) as client:
        yield Page(client)


def test_a_run_arrives_with_pictures_and_is_listed_rated_and_kept(page: Page) -> None:
    run = page.start("a cat on the server", seed="3", rounds="3")
    told = page.get(f"{run}/live").text
    assert told.count("event: view") > 2 and 'aria-label="Round 2"' in told
    shown = page.wait(run, "how good is it?")
    picture = re.search(r'src="(/pictures/[0-9a-f]{64}\.png\?side=1024)"', shown)
    assert picture and page.get(picture[1]).headers["content-type"] == "image/webp"
    page.post(f"{run}/rate", stars="5")
    listed = page.get("/runs?q=server&stars=5&outcome=all_passed").text
    assert run.rpartition("/")[2] in listed and "5 of 5 stars" in listed
    assert "<h1>a cat on the server</h1>" in page.get(f"{run}/report.html").text
    assert "/skills" not in shown and page.get("/skills").status_code == 404
    thread = run.rpartition("/")[2]
    assert page.get(f"/compare?run={thread}&run={thread}").text.count("<img") == 2


def test_a_person_reviews_and_goes_another_way(page: Page) -> None:
    run = page.start("a cat to be looked at", review="on_failure", seed="4")
    page.wait(run, "what do you say?")
    page.post(f"{run}/answer", prompt="a cat by hand", planned="x")
    shown = page.wait(run, "Round 2: what do you say?")
    assert "a cat by hand" in re.sub("<del>.*?</del>|<.*?>", "", shown)
    page.post(f"{run}/answer", decision="take")
    assert 'badge accepted">' in page.wait(run, "how good is it?")
    forked = page.post(f"{run}/fork", round="1", prompt="a cat elsewhere")
    assert forked.status_code == 200 and str(forked.url) != run, forked.text
    other = page.wait(str(forked.url), "Round 2: what do you say?")
    assert "a cat elsewhere" in re.sub("<del>.*?</del>|<.*?>", "", other)
    assert "cannot be forked after round 9" in page.post(f"{run}/fork", round="9").text


def test_a_person_is_asked_first_and_changes_what_came_of_it(page: Page) -> None:
    run = page.start("a cat to be told more of", ask="1", rounds="1")
    assert "Which style?" in page.wait(run, "Before it is drawn")
    page.post(f"{run}/answer", before="1", **{"said.c1": "watercolour"})
    assert "Drawn as: a cat to be told more of, watercolour" in page.wait(run, "how good is it?")
    page.post(f"{run}/follow-up", change="now make the sky darker")
    assert "Before: a cat to be told more of" in page.wait(run, "Before it is drawn")
    page.post(f"{run}/answer", before="1")
    shown = page.wait(run, "how good is it?")
    assert "watercolour, now make the sky darker" in shown and 'class="turn"' in shown


def test_a_run_is_stopped_with_its_best_picture(page: Page, studio: GraphServer) -> None:
    studio.fake.latency["image"] = 1.0
    run = page.start("a cat to be stopped")
    page.wait(run, 'id="round-2"')
    page.post(f"{run}/stop")
    assert 'badge cancelled">' in page.wait(run, "how good is it?")


def test_a_run_is_deleted_with_its_pictures_once_it_is_at_rest(page: Page, studio: GraphServer) -> None:
    studio.fake.latency["image"] = 1.0
    run = page.start("a cat to be deleted")
    page.wait(run, 'id="round-2"')
    assert "is at work" in page.post(f"{run}/delete").text
    page.post(f"{run}/stop")
    shown = page.wait(run, "how good is it?")
    picture = re.search(r'src="(/pictures/[0-9a-f]{64}\.png)', shown)
    assert picture and page.get(picture[1]).status_code == 200
    assert str(page.post(f"{run}/delete").url).endswith("/runs")
    assert page.get(picture[1]).status_code == page.get(run).status_code == 404
    assert "a cat to be deleted" not in page.get("/runs").text


def test_what_the_server_says_is_one_line(page: Page, studio: GraphServer) -> None:
    refused = page.post("/runs", prompt="a cat", rounds="50")
    assert refused.status_code == 422 and "allows at most" in refused.text
    studio.fake.image_script = lambda call, number: Answer("no such <model>", status=401)
    run = page.start("a cat in an outage")
    assert "no such &lt;model&gt;" in page.wait(run, 'role="alert"')
    studio.fake.image_script = None
    page.post(f"{run}/resume")
    page.wait(run, "how good is it?")
    for wrong in ("2b2b2b2b-0000-0000-0000-000000000000", "x%3Fa=b", "%2e%2e%23"):
        assert page.get(f"/runs/{wrong}").status_code == 404, wrong
    assert page.get("/pictures/..png").status_code == 404


def test_a_server_that_is_away_or_wants_a_key_is_said(studio: GraphServer, tmp_path: Path) -> None:
    site = deployed_site(Deployed("http://127.0.0.1:9", None), KeyRing(tmp_path), LiveRuns())
    with TestClient(site) as client:
        gone = client.get("/runs", headers=HERE)
        assert gone.status_code == 422 and "cannot be reached" in gone.text
    ring = KeyRing(studio.home)
    _, text = ring.add("ann")
    try:
        for key, status in ((None, 422), (SecretStr("gems_wrong"), 422), (SecretStr(text), 200)):
            site = deployed_site(Deployed(studio.url, key), KeyRing(tmp_path), LiveRuns())
            with TestClient(site) as client:
                answer = client.get("/runs", headers=HERE)
                assert answer.status_code == status
                assert status == 200 or "GEMS_SERVER_KEY" in answer.text
    finally:
        (studio.home / "keys.json").unlink()
