"""Small texts of a system, as files and as rows, and the keys and links that are kept as such."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gems.app.http.keys import KeyRing
from gems.app.http.links import Links
from gems.memory.database import Database
from gems.memory.documents import Documents, FileDocuments, RowDocuments
from postgres_cluster import Cluster

Make = Callable[[], Documents]
REAL = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(params=["files", pytest.param("rows", marks=REAL)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "files":
        return lambda: FileDocuments(tmp_path / "home")
    running: Cluster = request.getfixturevalue("cluster")
    url = running.new_database(f"documents_{abs(hash(request.node.name)) % 10**9}")
    return lambda: RowDocuments(Database(url))


def test_what_one_writes_all_read(make: Make) -> None:
    mine, yours = make(), make()
    assert yours.read("x") is None
    assert mine.change("x", lambda old: (old or b"") + b"1") == b"1"
    assert yours.change("x", lambda old: (old or b"") + b"2\xff") == b"12\xff"
    assert mine.read("x") == b"12\xff" and mine.read("y") is None


def test_changes_at_the_same_time_are_all_made(make: Make) -> None:
    def add(number: int) -> None:
        make().change("x", lambda old: b" ".join(sorted({*(old or b"").split(), b"%d" % number})))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert make().read("x") == b"0 1 2 3 4 5"


def test_a_key_made_on_one_machine_opens_another_until_it_is_revoked(make: Make) -> None:
    mine, yours = KeyRing([make()]), KeyRing([make()])
    assert not yours.wanted()
    key, text = mine.add("alice")
    assert yours.owner_of(text) == "alice"
    yours.revoke(key.id)
    assert mine.owner_of(text) is None and mine.wanted()


def test_keys_and_links_of_a_home_stay_in_force_when_it_shares_them(make: Make, tmp_path: Path) -> None:
    files = FileDocuments(tmp_path / "before")
    key, text = KeyRing([files]).add("alice")
    before = dict(part.split("=") for part in Links([files], 60).sign("aa").split("&"))
    ring, links = KeyRing([make(), files]), Links([make(), files], 60)
    assert ring.owner_of(text) == "alice" and links.opens("aa", **before)
    _, more = ring.add("bob")
    assert KeyRing([make()]).owner_of(more) == "bob"
    ring.revoke(key.id)
    assert ring.owner_of(text) is None and ring.owner_of(more) == "bob"


def test_an_address_that_one_machine_signed_opens_on_another(make: Make) -> None:
    query = dict(part.split("=") for part in Links([make()], 60).sign("aa").split("&"))
    assert Links([make()], 60).opens("aa", **query) and not Links([make()], 60).opens("ab", **query)
