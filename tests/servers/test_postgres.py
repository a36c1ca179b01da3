"""Checkpoints in a real PostgreSQL: first starts, lost connections, two homes, what is said of it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems import Session
from gems.app.cli import app
from gems.errors import InputError, StorageError
from graph_server import BIN, kept_environment, settings_of
from postgres_cluster import PASSWORD, Cluster
from typer.testing import CliRunner

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


def session(server: FakeServer, home: Path, url: str) -> Session:
    return Session(settings_for(server, home, database_url=url))


def generate(server: FakeServer, home: Path, url: str, *options: str) -> subprocess.Popen[str]:
    env = {**kept_environment(), **settings_of(server, home), "GEMS_DATABASE_URL": url}
    command = [str(BIN / "gems"), "generate", "a cat", "--json", *options]
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_four_first_processes_on_an_empty_database_all_finish(
    cluster: Cluster, server: FakeServer, tmp_path: Path
) -> None:
    url = cluster.new_database("four")
    runs = [generate(server, tmp_path / str(n), url, "--seed", str(n)) for n in range(4)]
    for run in runs:
        out, err = run.communicate(timeout=100)
        assert run.returncode == 0 and json.loads(out)["outcome"] == "all_passed", err


@pytest.mark.parametrize("loss", ["cut", "restart"])
def test_a_lost_database_comes_back_to_runs_that_are_under_way_and_to_new_ones(
    cluster: Cluster, server: FakeServer, tmp_path: Path, loss: str
) -> None:
    server.latency["image"] = 1.0
    lost = threading.Event()

    def lose(event: Any) -> None:
        if event["event"] == "drawing" and not lost.is_set():
            lost.set()
            if loss == "cut":
                cluster.cut_connections()
            else:
                cluster.stop()
                time.sleep(1)
                cluster.start()

    with session(server, tmp_path, cluster.new_database(f"lost_{loss}")) as runs:
        first = runs.generate("a cat", on_event=lose)
        assert lost.is_set() and first["outcome"] == "all_passed"
        assert runs.generate("a dog")["outcome"] == "all_passed"
        assert runs.report(first["thread_id"])["image"] == first["image"]


def test_a_connection_lost_while_another_run_is_under_way_stops_no_new_one(
    cluster: Cluster, server: FakeServer, tmp_path: Path
) -> None:
    server.latency["image"] = 2.0
    with session(server, tmp_path, cluster.new_database("shared")) as runs:
        first = runs.stream("a cat")
        assert any(event["event"] == "drawing" for event in first)
        cluster.cut_connections()
        assert runs.generate("a dog")["outcome"] == "all_passed"
        assert [event for event in first if event["event"] == "result"]


def test_another_homes_run_of_the_same_name_is_not_given_out(
    cluster: Cluster, server: FakeServer, tmp_path: Path
) -> None:
    url = cluster.new_database("homes")
    with session(server, tmp_path / "mine", url) as mine:
        mine.generate("a cat", thread_id="shared")
    with (
        session(server, tmp_path / "yours", url) as yours,
        pytest.raises(InputError, match="another run"),
    ):
        yours.generate("a dog", thread_id="shared")


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        (lambda url: url.replace(PASSWORD, "wrong-Secret"), "check the user and the password"),
        (lambda url: url.replace("/postgres", "/nowhere"), "create the database"),
        (lambda url: f"{url.rpartition(':')[0]}:1/postgres", "is it up"),
    ],
)
def test_what_is_wrong_with_a_database_is_said_with_what_to_do(
    cluster: Cluster, server: FakeServer, tmp_path: Path, change: Any, advice: str
) -> None:
    url = change(cluster.url)
    with session(server, tmp_path, url) as runs, pytest.raises(StorageError) as raised:
        runs.generate("a cat")
    said = str(raised.value)
    assert advice in said and "make room" not in said
    assert "Secret" not in said and PASSWORD not in said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://gems:hid/den-Word@127.0.0.1/x",
        "postgresql://gems:hid@den-Word@127.0.0.1/x",
        "postgresql://gems:12/hidden-Word@127.0.0.1/x",
        "postgresql://gems:hidden-Word@127.0.0.1:port/x",
        "postgresql://gems:hidden-Word@[127.0.0.1/x",
        "postgres:/gems:hidden-Word@127.0.0.1/x",
        "postgresql://gems:hid den-Word@127.0.0.1/x",
        "host=127.0.0.1 password='hidden-Word dbname=x",
        "host=127.0.0.1 hidden-Word",
        "postgresql://gems:hidden-Word@127.0.0.1:1/x?nonsense=1",
        "postgresql://127.0.0.1:1/x?user=gems&password=hidden-Word",
    ],
)
def test_a_malformed_url_keeps_its_password(
    server: FakeServer, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**settings_of(server, tmp_path), "GEMS_DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    said = CliRunner().invoke(app, ["generate", "a cat"])
    assert said.exit_code in (1, 2) and len(said.stderr.splitlines()) == 1, said.stderr
    assert "den-Word" not in said.output and "GEMS_DATABASE_URL" in said.stderr
