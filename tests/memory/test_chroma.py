"""The experience collection in Chroma: shared folders, forks, older and broken collections."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import chromadb
import httpx
import pytest
from chromadb.config import Settings as ChromaSettings
from filelock import FileLock
from gems.errors import StorageError, UnreachableError
from gems.memory import chroma
from gems.memory import chroma_server as chroma_server_module
from gems.memory.chroma import ChromaExperiences, from_metadata, to_metadata
from gems.memory.collections import COLLECTION, HNSW, Entry
from gems.models.embedders.hashing import HashingEmbedder
from gems.settings import Settings
from sample_experiences import experience, local

fork_only = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
fork_warns = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def client_of(folder: Path) -> Any:
    """Chroma's own client, as another version of GEMS would open it."""
    settings = ChromaSettings(anonymized_telemetry=False)
    return chromadb.PersistentClient(str(folder / "chroma"), settings=settings)


def configuration_of(folder: Path) -> dict[str, Any]:
    client = client_of(folder)
    try:
        found = client.get_collection(COLLECTION, embedding_function=None).configuration
        return dict(found["hnsw"])
    finally:
        client.close()


def found_by(store: ChromaExperiences, prompt: str) -> list[str]:
    async def scenario() -> list[str]:
        found = await store.similar(prompt, "g", 300)
        await store.aclose()
        return sorted(item.experience.id for item in found)

    return asyncio.run(scenario())


def test_another_embedder_takes_over_what_is_there(tmp_path: Path) -> None:
    asyncio.run(local(tmp_path).add(experience("a cat")))
    other = local(tmp_path, 256)
    assert found_by(other, "a cat") == ["t/1"]
    asyncio.run(other.add(experience("a dog", 2)))
    assert found_by(local(tmp_path), "a cat") == ["t/1", "t/2"]
    assert found_by(local(tmp_path, 128), "a cat") == ["t/1", "t/2"]


def test_a_take_over_that_was_cut_off_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gems.memory.chroma.TAKEN_AT_ONCE", 4)

    class Failing(HashingEmbedder):
        embedded = 0

        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if self.embedded >= 8:
                raise UnreachableError("the embedder is away")
            self.embedded += len(texts)
            return await super().embed(texts)

    async def fill_it() -> None:
        kept = local(tmp_path)
        for number in range(20):
            await kept.add(experience("a cat", number))
        await kept.aclose()

    asyncio.run(fill_it())
    cut_off = ChromaExperiences(Failing(256), tmp_path / "chroma")
    with pytest.raises(UnreachableError):
        found_by(cut_off, "a cat")
    asyncio.run(cut_off.aclose())
    client = client_of(tmp_path)
    counts = sorted(collection.count() for collection in client.list_collections())
    client.close()
    assert counts == [8, 20]
    assert len(found_by(local(tmp_path, 256), "a cat")) == 20


def test_entries_without_a_prompt_are_not_taken_over(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept = local(tmp_path)
        await kept.add(experience("a cat"))
        nameless = Entry("bad", "text", {"generator": "g"})
        [vector] = await HashingEmbedder().embed(["a cat"])
        await kept._queue.submit(lambda shelf: shelf.add([nameless], [vector]))
        await kept.aclose()

    asyncio.run(scenario())
    assert found_by(local(tmp_path, 256), "a cat") == ["t/1"]


def test_a_query_that_chroma_refuses_fails_alone(tmp_path: Path) -> None:
    async def scenario() -> list[object]:
        kept = local(tmp_path)
        await kept.add(experience("a cat"))
        waiting = [kept.similar("a cat", "g", limit) for limit in (3, -1, 2)]
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        await kept.aclose()
        return list(ended)

    first, second, third = asyncio.run(scenario())
    assert isinstance(first, list) and isinstance(third, list)
    assert isinstance(second, StorageError) and "cannot be used" in str(second)


def test_several_processes_share_a_folder(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; sys.path.insert(0, sys.argv[3]); "
        "from pathlib import Path; import sample_experiences as s; "
        "kept = s.local(Path(sys.argv[1])); "
        "[asyncio.run(kept.add(s.experience('a cat', n, thread=sys.argv[2]))) for n in range(4)]"
    )
    here = str(Path(__file__).parents[1])
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name, here]) for name in "ab"
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert asyncio.run(local(tmp_path).count()) == 8


def test_closing_lets_go_of_the_folder(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept = local(tmp_path)
        await kept.add(experience("a cat"))
        await kept.aclose()
        with FileLock(tmp_path / "chroma" / "gems.lock", timeout=0):
            pass

    asyncio.run(scenario())


def test_closing_lets_go_of_the_server(chroma_server: str) -> None:
    def open_clients() -> int:
        gc.collect()
        found = [item for item in gc.get_objects() if type(item) is httpx.Client]
        return sum(not client.is_closed for client in found)

    async def scenario() -> tuple[int, int]:
        kept = ChromaExperiences(HashingEmbedder(), None, chroma_server)
        await kept.count()
        during = open_clients()
        await kept.aclose()
        return during, open_clients()

    before = open_clients()
    during, after = asyncio.run(scenario())
    assert during > before == after


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "all_proxy"])
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense://x"])
def test_a_server_on_this_machine_needs_no_proxy(
    chroma_server: str, monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    monkeypatch.setenv(variable, proxy)

    async def scenario() -> int:
        kept = ChromaExperiences(HashingEmbedder(), None, chroma_server)
        count = await kept.count()
        await kept.aclose()
        return count

    assert asyncio.run(scenario()) >= 0


@pytest.mark.parametrize("proxy", ["socks5://me:secret-word@127.0.0.1:9", "nonsense://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    kept = ChromaExperiences(HashingEmbedder(), None, "http://memories.example:8000")
    with pytest.raises(StorageError, match="ALL_PROXY=.*cannot be used as a proxy") as caught:
        asyncio.run(kept.count())
    assert "secret-word" not in str(caught.value)


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_server_module, "SERVER_SECONDS", 0.3)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(StorageError, match="timed out"):
            asyncio.run(ChromaExperiences(HashingEmbedder(), None, url).count())


def test_a_server_that_is_away_is_a_storage_error() -> None:
    kept = ChromaExperiences(HashingEmbedder(), None, "http://127.0.0.1:9")
    with pytest.raises(StorageError, match="127.0.0.1:9 cannot be used.*--no-memory"):
        asyncio.run(kept.count())


def test_the_settings_choose_between_folder_and_server(tmp_path: Path, chroma_server: str) -> None:
    async def count(settings: Settings) -> int:
        kept = chroma.open_experiences(settings)
        found = await kept.count()
        await kept.aclose()
        return found

    asyncio.run(count(Settings(home=tmp_path / "server", chroma_url=chroma_server)))
    assert not (tmp_path / "server").exists()
    assert asyncio.run(count(Settings(home=tmp_path / "folder"))) == 0
    assert (tmp_path / "folder" / "experiences" / "chroma.sqlite3").is_file()


def in_child(work: Callable[[], int]) -> int:
    """The exit status of a forked child that does ``work``; -1: it hung."""
    child = os.fork()
    if child == 0:
        os._exit(work())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1


@fork_only
@fork_warns
def test_a_child_forked_after_the_folder_was_used_is_told_so_at_once(tmp_path: Path) -> None:
    """Chroma's own threads stay in the parent: without the check a write of the child never ends."""
    kept = local(tmp_path)

    def from_child() -> int:
        try:
            asyncio.run(asyncio.wait_for(kept.add(experience("a dog", 2)), 20))
        except StorageError as exc:
            return 3 if "GEMS_CHROMA_URL" in str(exc) else 4
        return 5

    async def scenario() -> tuple[int, int]:
        await kept.add(experience("a cat"))
        opened, may_end = threading.Event(), threading.Event()

        def slow(collection: Any) -> None:
            opened.set()
            may_end.wait(20)

        running = asyncio.ensure_future(kept._queue.submit(slow))
        await asyncio.to_thread(opened.wait, 10)
        status = await asyncio.to_thread(in_child, from_child)
        may_end.set()
        await running
        found = await kept.count()
        await kept.aclose()
        return status, found

    assert asyncio.run(scenario()) == (3, 1)


@fork_only
def test_children_forked_before_the_folder_is_used_share_it(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, sys; sys.path.insert(0, sys.argv[2]); "
        "from pathlib import Path; import sample_experiences as s; "
        "kept = s.local(Path(sys.argv[1])); child = os.fork(); "
        "asyncio.run(kept.add(s.experience('a cat', 1 if child else 2))); "
        "sys.exit(os.waitpid(child, 0)[1] if child else 0)"
    )
    here = str(Path(__file__).parents[1])
    subprocess.run([sys.executable, "-c", code, str(tmp_path), here], check=True, timeout=60)
    assert asyncio.run(local(tmp_path).count()) == 2


@fork_only
@fork_warns
def test_a_forked_child_has_a_connection_of_its_own(chroma_server: str) -> None:
    kept = ChromaExperiences(HashingEmbedder(), None, chroma_server)

    def from_child() -> int:
        inherited = kept._client
        asyncio.run(asyncio.wait_for(kept.count(), 20))
        return 3 if inherited is None and kept._client is not None else 4

    async def scenario() -> tuple[int, bool]:
        await kept.count()
        status = await asyncio.to_thread(in_child, from_child)
        still = await kept.count() >= 0
        await kept.aclose()
        return status, still

    assert asyncio.run(scenario()) == (3, True)


PROMPTS = ("two red circles and a yellow heart", "two red circles and a yellow square")


def fill(collection: Any, vectors: list[list[float]], each: int) -> None:
    """Adds ``each`` experiences a prompt, in batches."""
    kept = [experience(PROMPTS[n % 2], thread=str(n)) for n in range(2 * each)]
    for start in range(0, len(kept), 20):
        part = kept[start : start + 20]
        collection.upsert(
            ids=[item.id for item in part],
            embeddings=[vectors[PROMPTS.index(item.prompt)] for item in part],
            documents=[item.text for item in part],
            metadatas=[to_metadata(item) for item in part],
        )


def test_a_new_collection_loses_none_of_many_equal_prompts(tmp_path: Path) -> None:
    """With Chroma's own settings a hundred and more of these are not found."""

    async def scenario() -> list[int]:
        kept = local(tmp_path)
        vectors = await HashingEmbedder().embed(PROMPTS)
        await kept._queue.submit(lambda shelf: fill(shelf.collection, vectors, 300))
        found = [await kept.similar(prompt, "g", 300) for prompt in PROMPTS]
        await kept.aclose()
        return [
            len({item.experience.id for item in items if item.experience.prompt == prompt})
            for prompt, items in zip(PROMPTS, found, strict=True)
        ]

    assert asyncio.run(scenario()) == [300, 300]
    assert configuration_of(tmp_path).items() >= HNSW.items()


def test_a_collection_made_with_other_settings_is_opened_as_it_is(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    made = client.create_collection(
        COLLECTION,
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine"}},
        metadata={"embedder": "hashing-512"},
    )
    [vector] = asyncio.run(HashingEmbedder().embed(["a cat"]))
    made.add(
        ids=["t/1"],
        embeddings=[vector],
        documents=["about a cat"],
        metadatas=[to_metadata(experience("a cat"))],
    )
    client.close()
    before = configuration_of(tmp_path)

    async def scenario() -> list[str]:
        kept = local(tmp_path)
        await kept.add(experience("a cat", 2))
        found = await kept.similar("a cat", "g", 5)
        await kept.aclose()
        return sorted(item.experience.id for item in found)

    assert asyncio.run(scenario()) == ["t/1", "t/2"]
    assert configuration_of(tmp_path) == before != HNSW


def test_incomplete_entries_are_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> list[str]:
        kept = local(tmp_path)
        await kept.add(experience("a cat"))
        [vector] = await HashingEmbedder().embed(["a cat"])
        entries = {
            "newer": {**to_metadata(experience("a cat", 7)), "mood": 3},
            "bad": {"generator": "g"},
        }
        await kept._queue.submit(
            lambda shelf: shelf.collection.upsert(
                ids=list(entries),
                embeddings=[vector] * 2,
                documents=["text"] * 2,
                metadatas=list(entries.values()),
            )
        )
        found = await kept.similar("a cat", "g", 5)
        await kept.aclose()
        return sorted(item.experience.id for item in found)

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(scenario()) == ["t/1", "t/7"]
    assert "the experience bad is incomplete" in caplog.text


def test_an_older_entry_is_read() -> None:
    older = to_metadata(experience("a cat"))
    for name in ("kinds", "strategy", "solved"):
        del older[name]
    assert from_metadata("about a cat", older) == experience("a cat")
    assert from_metadata(None, older) is None and from_metadata("text", None) is None
