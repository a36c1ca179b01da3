"""Machines with homes of their own on one PostgreSQL, one Chroma server and one object store."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import two_machines
from conftest import settings_for
from fake_server import FakeServer
from gems import Session
from gems.errors import RunError
from gems.memory.database import Database
from graph_server import BIN, kept_environment, settings_of
from object_store import KEYS, ObjectStore, object_keys, object_store
from postgres_cluster import Cluster

__all__ = ["object_keys", "object_store"]
pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.usefixtures("object_keys")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


class System:
    """What machines share."""

    def __init__(
        self, url: str, place: str, store: ObjectStore, fake: FakeServer, folder: Path
    ) -> None:
        self.url, self.place, self.store, self.fake, self.folder = url, place, store, fake, folder

    def machine(self, name: str, **more: object) -> Session:
        places = {"objects": self.place, "objects_url": self.store.url, **more}
        settings = settings_for(self.fake, self.folder / name, database_url=self.url, **places)
        return Session(settings)

    def leave(self, name: str) -> None:
        """Nobody reaches what was that machine's own any more."""
        (self.folder / name).rename(self.folder / f"{name}-is-gone")

    def gems(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {
            **kept_environment(),
            **settings_of(self.fake, self.folder / name),
            **KEYS,
            "GEMS_DATABASE_URL": self.url,
            "GEMS_OBJECTS": self.place,
            "GEMS_OBJECTS_URL": self.store.url,
        }
        command = [str(BIN / "gems"), *arguments]
        return subprocess.run(command, env=env, text=True, capture_output=True, check=False)


@pytest.fixture
def system(
    cluster: Cluster, object_store: ObjectStore, server: FakeServer, tmp_path: Path, request: Any
) -> System:
    url = cluster.new_database(f"machines_{abs(hash(request.node.name)) % 10**9}")
    return System(url, object_store.new_place(), object_store, server, tmp_path)


def test_twenty_four_runs_outlive_a_worker_and_a_restart_of_the_database() -> None:
    found = two_machines.main(runs=24, grace=2.0)
    assert two_machines.is_well(found), json.dumps(found, indent=1)
    assert found["gone on with after the kill"] > 0


def test_four_machines_that_begin_at_once_on_empty_servers_all_finish(system: System) -> None:
    def generate(number: int) -> subprocess.CompletedProcess[str]:
        options = ("--seed", str(number), "--thread", f"cat-{number}", "--json")
        return system.gems(str(number), "generate", "a cat", *options)

    with ThreadPoolExecutor(4) as pool:
        for done in pool.map(generate, range(4)):
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["outcome"] == "all_passed" and not done.stderr
    with system.machine("fifth") as fifth:
        assert len(fifth.index.all()) == 4


def test_a_run_of_one_machine_is_listed_shown_and_forked_on_another(system: System) -> None:
    with system.machine("a") as mine:
        ended = mine.generate("a cat", thread_id="cat", seed=3)
    system.leave("a")
    with system.machine("b") as yours:
        assert [record.thread_id for record in yours.index.all()] == ["cat"]
        shown = yours.report("cat")
        assert [Path(item["image"]).name for item in shown["rounds"]] == [
            Path(item["image"]).name for item in ended["rounds"]
        ]
        assert all(Path(item["image"]).is_file() for item in shown["rounds"])
        assert Path(shown["image"]).is_file() and shown["outcome"] == "all_passed"
        forked = yours.fork("cat", 1)
        again = yours.resume(forked)
        assert again["outcome"] == "all_passed" and Path(again["image"]).is_file()
        assert yours.resume("cat")["image"] == shown["image"]


def test_a_run_that_waits_on_one_machine_goes_on_on_another(system: System) -> None:
    with system.machine("a") as mine:
        assert mine.generate("a cat", thread_id="cat", review="on_failure")["outcome"] == "paused"
    system.leave("a")
    calls = len(system.fake.calls)
    with system.machine("b") as yours:
        assert yours.resume("cat", answer={"decision": "take"})["outcome"] == "accepted"
    assert len(system.fake.calls) == calls


def test_a_run_under_way_elsewhere_is_refused_with_where(system: System) -> None:
    with system.machine("a") as mine, system.machine("b") as yours:
        mine.generate("a cat", thread_id="cat")
        with mine.index.hold("cat"), pytest.raises(RunError, match=r"under way in process \d+ on "):
            yours.resume("cat")


def test_a_run_that_another_machine_has_taken_over_stops_on_the_first(system: System) -> None:
    asked = Event()

    def silent(call: object, count: int) -> str:
        asked.set()
        return "silence"

    system.fake.image_script = silent
    # It waits for its picture until it is stopped: a run that ends is nobody's to take over.
    with system.machine("a", generator_timeout=600) as mine:
        under_way = mine.stream("a cat", thread_id="cat")
        assert any(event["event"] == "drawing" for event in under_way)
        assert asked.wait(60)
        # As after half a minute without a sign of life.
        Database(system.url).rows("UPDATE gems_leases SET until = now() - interval '1 s'")
        system.fake.image_script = None
        with system.machine("b") as yours:
            while True:
                try:
                    ended = yours.resume("cat")
                    break
                except RunError as exc:
                    # It gave a sign of life just then.
                    assert "under way" in str(exc)
                    Database(system.url).rows("UPDATE gems_leases SET until = now() - interval '1 s'")
        with pytest.raises(RunError, match="was taken over by another process"):
            list(under_way)
        assert mine.resume("cat")["image"].endswith(Path(ended["image"]).name)


def test_a_folder_for_the_picture_is_made_where_the_run_ends(system: System, tmp_path: Path) -> None:
    with system.machine("a") as mine:
        mine.generate("a cat", thread_id="cat", review="on_failure", out=tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / "another-machine")
    with system.machine("b") as yours:
        ended = yours.resume("cat", answer={"decision": "take"})
    assert ended["image"] == str(tmp_path / "out" / "cat.png") and Path(ended["image"]).is_file()


def test_the_command_line_says_what_is_shared_and_shows_it(system: System) -> None:
    assert system.gems("a", "generate", "a cat", "--thread", "cat").returncode == 0
    system.leave("a")
    listed = json.loads(system.gems("b", "runs", "--json").stdout)
    assert [run["thread_id"] for run in listed] == ["cat"]
    shown = json.loads(system.gems("b", "show", "cat", "--json").stdout)
    assert Path(shown["image"]).is_file()
    page = system.folder / "cat.html"
    assert system.gems("c", "show", "cat", "--html", str(page)).returncode == 0
    assert page.read_text().count("data:image/webp") >= 2
    found = {item["what"]: item for item in json.loads(system.gems("b", "doctor", "--json").stdout)}
    assert found["objects"]["state"] == "ok" and found["objects"]["says"] == system.place


def test_without_an_object_store_each_home_has_its_own_runs(
    cluster: Cluster, server: FakeServer, tmp_path: Path
) -> None:
    url = cluster.new_database("rows_alone")
    with Session(settings_for(server, tmp_path / "a", database_url=url)) as mine:
        mine.generate("a cat", thread_id="cat")
    with Session(settings_for(server, tmp_path / "b", database_url=url)) as yours:
        assert yours.index.all() == []
        with pytest.raises(RunError, match="no run is called 'cat'"):
            yours.resume("cat")
