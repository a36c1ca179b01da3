"""Workers on one evaluation that share it through a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import kill_workers
import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.errors import StorageError
from gems.evals.arms import Arm
from gems.evals.cases import Case, Suite
from gems.evals.naming import settle_name
from gems.evals.plan import EvalPlan
from gems.evals.runner import Runner
from gems.evals.scorers import Later
from gems.evals.sharing import Sharing, open_sharing
from gems.evals.tasks.catalogue import open_task
from gems.evals.tasks.plan import bring_pictures, make_plan
from gems.models.loop import run_blocking
from gems.nodes.context import RunContext
from gems.settings import Settings
from made_up_tasks import DATA
from postgres_cluster import Cluster
from pydantic import SecretStr

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


def sharing(url: str, out: Path) -> Sharing:
    out.mkdir(parents=True, exist_ok=True)
    return open_sharing(Settings(home=out, database_url=SecretStr(url)), out)


@pytest.mark.timeout(900)
def test_kills_of_two_workers_cost_no_prompt_and_no_answer() -> None:
    assert kill_workers.main(kills=4, prompts=12, postgres=True) == []


@pytest.mark.timeout(900)
def test_kills_of_workers_on_two_machines_without_a_common_disk() -> None:
    assert kill_workers.main(kills=4, prompts=12, machines=True) == []


def test_machines_share_lines_leases_and_the_plan(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.new_database("sharing")
    one, other = sharing(url, tmp_path / "a" / "g2"), sharing(url, tmp_path / "b" / "g2")
    apart = sharing(url, tmp_path / "b" / "g3")
    path, there = tmp_path / "a" / "g2" / "records.jsonl", tmp_path / "b" / "g2" / "records.jsonl"
    one.log(path).append('{"odd": "\u2028 \ud800"}')
    other.log(there).append("second")
    assert one.log(path).lines() == other.log(there).lines() == ['{"odd": "\u2028 ?"}', "second"]
    assert one.log(path).lines() == apart.log(tmp_path / "b" / "g3" / "records.jsonl").lines() == []
    other.settle()
    assert there.read_text() == '{"odd": "\u2028 ?"}\nsecond\n' and not path.exists()
    lease = one.take("work")
    assert lease is not None and other.take("work") is None and apart.take("work") is not None
    lease.release()
    assert other.take("work") is not None
    assert one.read(path.parent / "plan.json") is None
    one.write(path.parent / "plan.json", "{}")
    assert other.read(there.parent / "plan.json") == "{}"


def test_a_folder_begun_without_the_database_goes_on_with_it(cluster: Cluster, tmp_path: Path) -> None:
    url, path = cluster.new_database("begun"), tmp_path / "out" / "records.jsonl"
    path.parent.mkdir()
    path.write_text("one\ntwo\n")
    for _ in range(2):
        assert sharing(url, path.parent).log(path).lines() == ["one", "two"]


def test_two_people_with_a_folder_of_one_name_do_not_meet_and_helpers_find_their_own(
    cluster: Cluster, server: FakeServer, tmp_path: Path
) -> None:
    url = cluster.new_database("named")
    settings = settings_for(server, tmp_path / "home", database_url=SecretStr(url))
    arms = (Arm(name="base", context=RunContext(rounds=1, skill="none", memory=False)),)

    def work(place: str, prompt: str, worker: bool = False) -> str:
        suite = Suite("s", (Case(id="c", prompt=prompt),))
        plan = EvalPlan(suite, arms, 0, tmp_path / place / "ou_", scorer=Later("s"))
        name = settle_name(settings, plan, worker=worker)
        run_blocking(Runner(plan, settings).run())
        return name

    one, other = work("a", "a door"), work("b", "a roof")
    assert one != other
    assert work("c", "a roof", worker=True) == other
    assert sum(call.kind == "image" for call in server.calls) == 2


def test_a_picture_on_another_machines_disk_is_named(
    cluster: Cluster, server: FakeServer, tmp_path: Path
) -> None:
    url = cluster.new_database("apart")
    settings = settings_for(server, tmp_path / "home", database_url=SecretStr(url))
    data = DATA["longtext-en"](tmp_path / "data")
    plans = [
        make_plan(open_task("longtext-en"), data, place / "out", limit=1, pictures=1, seed=0)
        for place in (tmp_path / "a", tmp_path / "b")
    ]
    arms = (Arm(name="base", context=RunContext(rounds=1, skill="none", memory=False)),)
    runners = [
        Runner(EvalPlan(p.suite, arms, 0, p.out, scorer=Later("longtext-en")), settings) for p in plans
    ]
    assert run_blocking(runners[0].run()) == run_blocking(runners[1].run())
    assert sum(call.kind == "image" for call in server.calls) == 1
    bring_pictures(plans[0], settings)
    with pytest.raises(StorageError, match="GEMS_OBJECTS"):
        bring_pictures(plans[1], settings)
