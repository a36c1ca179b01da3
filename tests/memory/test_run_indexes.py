"""What the index of runs promises, as a home's files and as rows that machines share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gems.errors import InputError, RunError
from gems.memory.database import Database
from gems.memory.postgres_leases import PostgresLeases
from gems.memory.run_table import RunTable
from gems.memory.runs import RunIndex, RunRecord, Runs
from postgres_cluster import Cluster

Make = Callable[[], Runs]
REAL = [pytest.mark.servers, pytest.mark.slow]
CAT = RunRecord(thread_id="cat", prompt='a "cat" ☃', context={"seed": 7}, created=1.0, version="1")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(params=["files", pytest.param("rows", marks=REAL)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Each is as of another process; those of rows have homes of their own."""
    if request.param == "files":
        return lambda: RunIndex(tmp_path / "runs")
    name = f"runs_{abs(hash(request.node.name)) % 10**9}"
    return table_maker(request.getfixturevalue("cluster").new_database(name), tmp_path)


def table_maker(url: str, folder: Path) -> Make:
    homes = iter(range(100))

    def make() -> RunTable:
        database = Database(url)
        files = RunIndex(folder / f"home-{next(homes)}")
        return RunTable(database, PostgresLeases(database), files)

    return make


def named(thread: str, **more: object) -> RunRecord:
    return CAT.model_copy(update={"thread_id": thread, **more})


def test_a_run_that_one_enters_all_read_list_and_change(make: Make) -> None:
    mine, yours = make(), make()
    assert not yours.has("cat") and yours.all() == []
    assert mine.claim(CAT, exact=True).thread_id == "cat"
    found = yours.read("cat")
    assert (found.prompt, found.context, found.entered) == (CAT.prompt, {"seed": 7}, "before")
    yours.write(found.model_copy(update={"outcome": "all_passed", "passed": 3}))
    assert mine.read("cat").outcome == "all_passed" and mine.has("cat")
    mine.claim(named("dog", created=2.0), exact=True)
    assert [record.thread_id for record in yours.all()] == ["dog", "cat"]
    assert yours.examine()[1] == []
    yours.drop("cat")
    yours.drop("cat")
    assert not mine.has("cat") and [record.thread_id for record in mine.all()] == ["dog"]


def test_a_name_that_is_taken_gets_a_number_is_refused_or_begins_afresh(make: Make) -> None:
    mine, yours = make(), make()
    names = [one.claim(CAT, exact=False).thread_id for one in (mine, yours, mine)]
    assert names == ["cat", "cat-2", "cat-3"]
    with pytest.raises(InputError, match="the thread 'cat' exists"):
        yours.claim(CAT, exact=True)
    afresh = yours.claim(named("cat", prompt="a dog"), exact=True, fresh=True)
    assert afresh.afresh and afresh.entered == "named" and mine.read("cat").prompt == "a dog"
    with mine.hold("cat"), pytest.raises(RunError, match="under way"):
        yours.claim(CAT, exact=True, fresh=True)


def test_many_that_want_one_name_at_once_all_get_another(make: Make) -> None:
    got: list[str] = []
    every = [make() for _ in range(6)]

    def claim(one: Runs) -> None:
        got.append(one.claim(CAT, exact=False).thread_id)

    threads = [threading.Thread(target=claim, args=(one,)) for one in every]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["cat", *(f"cat-{number}" for number in range(2, 7))]


def test_a_run_is_one_holders_at_a_time(make: Make) -> None:
    mine, yours = make(), make()
    mine.claim(CAT, exact=True)
    with mine.hold("cat"):
        for one in (mine, yours):
            with (
                pytest.raises(RunError, match="'cat' is under way in .*process") as raised,
                one.hold("cat"),
            ):
                raise AssertionError("two held it")
            assert raised.value.thread_id == "cat"
    with yours.hold("cat"):
        pass


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-x", "x" * 121])
def test_what_cannot_be_a_name_is_refused(make: Make, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a thread"):
        make().claim(named(name), exact=True)
    for ask in (make().read, make().has, make().drop):
        with pytest.raises(InputError, match="cannot name a thread"):
            ask(name)


def test_who_asks_for_what_there_is_not_is_told(make: Make) -> None:
    with pytest.raises(RunError, match="no run is called 'x': `gems runs` lists them"):
        make().read("x")


def test_what_was_last_written_before_a_moment_is_found(make: Make) -> None:
    runs, before = make(), time.time() - 60
    runs.claim(CAT, exact=True)
    assert runs.untouched_since(before) == []
    assert [record.thread_id for record in runs.untouched_since(time.time() + 60)] == ["cat"]


class TestRows:
    pytestmark = REAL

    def test_what_a_home_had_before_stays_readable_and_its_name_taken(
        self, cluster: Cluster, tmp_path: Path
    ) -> None:
        RunIndex(tmp_path / "home-0").claim(CAT, exact=True)
        make = table_maker(cluster.new_database("earlier"), tmp_path)
        runs = make()
        assert runs.has("cat") and runs.read("cat").prompt == CAT.prompt
        assert [record.thread_id for record in runs.all()] == ["cat"]
        assert runs.claim(CAT, exact=False).thread_id == "cat-2"
        # What is gone on with is everybody's from then on.
        runs.write(runs.read("cat").model_copy(update={"outcome": "all_passed"}))
        assert make().read("cat").outcome == "all_passed"
        assert sorted(record.thread_id for record in runs.all()) == ["cat", "cat-2"]

    def test_a_row_that_cannot_be_read_is_named_and_the_others_listed(
        self, cluster: Cluster, tmp_path: Path
    ) -> None:
        url = cluster.new_database("broken")
        runs = table_maker(url, tmp_path)()
        runs.claim(CAT, exact=True)
        runs.claim(named("dog"), exact=True)
        Database(url).rows("UPDATE gems_runs SET record = '{' WHERE thread_id = 'cat'")
        records, broken = runs.examine()
        assert [record.thread_id for record in records] == ["dog"] and "cat" in broken[0]
        with pytest.raises(RunError, match="cannot be read; start the run again"):
            runs.read("cat")

    def test_connections_that_are_cut_come_back(self, cluster: Cluster, tmp_path: Path) -> None:
        runs = table_maker(cluster.new_database("cut"), tmp_path)()
        runs.claim(CAT, exact=True)
        cluster.cut_connections()
        assert runs.claim(CAT, exact=False).thread_id == "cat-2"
        cluster.stop()
        threading.Timer(1.0, cluster.start).start()
        assert runs.claim(CAT, exact=False).thread_id == "cat-3"
