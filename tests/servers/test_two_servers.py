"""Two open graph servers with homes of their own on one database and one object store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aegra_server import Aegra, check_that_aegra_is_there
from fake_server import FakeServer
from gems.app.http.keys import KeyRing
from gems.memory.database import Database
from gems.memory.documents import RowDocuments
from object_store import KEYS, ObjectStore, object_store
from postgres_cluster import Cluster

__all__ = ["object_store"]
pytestmark = [pytest.mark.servers, pytest.mark.slow]
SERVERS = tuple[Aegra, Aegra]


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, object_store: ObjectStore
) -> Iterator[tuple[SERVERS, str]]:
    check_that_aegra_is_there()
    with Cluster() as cluster, FakeServer() as fake:
        url = cluster.new_database("two_servers")
        shared = {
            **KEYS,
            "GEMS_DATABASE_URL": url,
            "GEMS_OBJECTS": object_store.new_place(),
            "GEMS_OBJECTS_URL": object_store.url,
        }
        started: list[Aegra] = []
        try:
            for name in ("a", "b"):
                started.append(Aegra(tmp_path_factory.mktemp(name), fake, url, **shared))
            yield (started[0], started[1]), url
        finally:
            for server in started:
                server.process.stop()


def test_what_one_began_the_other_goes_on_with_shows_and_deletes(
    servers: tuple[SERVERS, str],
) -> None:
    (mine, yours), url = servers
    key = KeyRing([RowDocuments(Database(url))]).add("alice")[1]
    assert httpx.get(f"{yours.url}/gems/ready").status_code == 401
    given: Any = {"input": {"prompt": "a cat"}, "context": {"review": "on_failure"}}
    with mine.client(key) as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, "gems", **given)
        drawn = client.threads.get_state(thread)["values"]["image"]
        assert Path(drawn).is_file()
    with yours.client(key) as client:
        result: Any = client.runs.wait(thread, "gems", command={"resume": {"decision": "take"}})
        assert result["outcome"] == "accepted" and Path(result["image"]).name == Path(drawn).name
    picture = f"/gems/pictures/{Path(drawn).name}"
    bearer = {"Authorization": f"Bearer {key}"}
    shown = [httpx.get(f"{one.url}{picture}", headers=bearer) for one in (mine, yours)]
    assert shown[0].status_code == shown[1].status_code == 200
    assert shown[0].content == shown[1].content == Path(drawn).read_bytes()
    link = httpx.get(f"{mine.url}{picture}/link", headers=bearer).json()["url"]
    assert httpx.get(f"{yours.url}{link}").status_code == 200
    assert httpx.get(f"{yours.url}/gems/runs/{thread}", headers=bearer).json()["rounds"]
    page = httpx.get(f"{yours.url}/gems/runs/{thread}.html", headers=bearer).text
    assert "data:image/webp" in page
    with yours.client(key) as client:
        client.threads.delete(thread)
    for one in (mine, yours):
        assert httpx.get(f"{one.url}{picture}", headers=bearer).status_code == 404
        assert httpx.get(f"{one.url}{link}").status_code == 404
