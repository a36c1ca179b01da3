"""Leases: what both kinds promise, and what rows in a database do when holders and databases go."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gems.memory.database import Database
from gems.memory.leases import FileLeases, Leases, holding
from gems.memory.machine import is_gone, this_process
from gems.memory.postgres_leases import PostgresLeases
from postgres_cluster import Cluster

Make = Callable[[], Leases]
REAL = [pytest.mark.servers, pytest.mark.slow]
HOLD = """
import sys, time
from pathlib import Path
from gems.memory.database import Database
from gems.memory.leases import FileLeases
from gems.memory.postgres_leases import PostgresLeases
where = sys.argv[1]
leases = PostgresLeases(Database(where), 600) if "://" in where else FileLeases(Path(where))
lease = leases.take("cat")
print("held" if lease else "refused", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(params=["files", pytest.param("rows", marks=REAL)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "files":
        return str(tmp_path / "locks")
    name = f"leases_{abs(hash(request.node.name)) % 10**9}"
    return str(request.getfixturevalue("cluster").new_database(name))


@pytest.fixture
def make(place: str) -> Make:
    """Two of the same place are as two processes."""
    if "://" in place:
        return lambda: PostgresLeases(Database(place))
    return lambda: FileLeases(Path(place))


def test_a_name_is_one_holders_at_a_time(make: Make) -> None:
    mine, yours = make(), make()
    lease = mine.take("cat")
    assert lease is not None
    assert yours.take("cat") is None and mine.take("cat") is None
    assert "process" in yours.holder("cat")
    assert yours.take("dog") is not None
    lease.release()
    with holding(yours, "cat") as held:
        assert held
    with holding(mine, "cat") as held:
        assert held


def test_any_text_is_a_name(make: Make) -> None:
    names = ["a/b", "..", "x" * 100, "q?*:é"]
    leases = [make().take(name) for name in names]
    assert all(leases) and make().take("a/b") is None


def test_of_many_who_ask_at_once_one_gets_it(make: Make) -> None:
    got: list[object] = []
    every = [make() for _ in range(8)]
    threads = [threading.Thread(target=lambda one=one: got.append(one.take("cat"))) for one in every]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8 and sum(lease is not None for lease in got) == 1


@pytest.mark.slow
def test_who_is_killed_lets_go_at_once_on_the_same_machine(make: Make, place: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, place], text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        assert make().take("cat") is None
    finally:
        process.kill()
        process.communicate()
    assert make().take("cat") is not None


class TestRows:
    pytestmark = REAL

    def test_what_nobody_renews_is_anothers_and_its_holder_hears_of_it(self, cluster: Cluster) -> None:
        database = Database(cluster.new_database("expiring"))
        lost = threading.Event()
        # Renewed too late.
        assert PostgresLeases(database, seconds=0.2, beat=1.5).take("cat", lost.set) is not None
        yours = PostgresLeases(database)
        deadline = time.monotonic() + 30
        while (lease := yours.take("cat")) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert lost.wait(30)
        lease.release()

    def test_what_is_renewed_stays_across_a_restart_of_the_database(self, cluster: Cluster) -> None:
        database = Database(cluster.new_database("renewed"))
        lost = threading.Event()
        mine = PostgresLeases(database, seconds=30, beat=0.1)
        lease = mine.take("cat", lost.set)
        cluster.stop()
        cluster.start()
        assert lease is not None and PostgresLeases(database).take("cat") is None and not lost.is_set()
        cluster.cut_connections()
        lease.release()
        assert PostgresLeases(database).take("cat") is not None

    def test_of_four_that_begin_on_an_empty_database_each_can_hold(self, cluster: Cluster) -> None:
        url = cluster.new_database("first")
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", HOLD.replace('"cat"', f'"cat {n}"'), url],
                text=True,
                stdout=subprocess.PIPE,
            )
            for n in range(4)
        ]
        said = [process.stdout.readline() for process in processes if process.stdout]
        for process in processes:
            process.kill()
            process.communicate()
        assert said == ["held\n"] * 4


def test_a_process_of_the_same_number_that_began_at_another_time_is_another() -> None:
    me = this_process()
    assert not is_gone(me)
    if me.machine:
        assert is_gone(me._replace(started="1"))
    assert not is_gone(me._replace(machine="elsewhere", started="1"))
