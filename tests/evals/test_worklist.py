"""Work that several workers share: each piece is done once, whoever fails or dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from gems.errors import GemsError, RefusedError, UnreachableError
from gems.evals import worklist as worklist_module
from gems.evals.sharing import FileSharing
from gems.evals.worklist import Pieces, Worklist


class Board:
    """What is done of the work, for everybody to see."""

    def __init__(self, failing: Callable[[int], GemsError | None] = lambda item: None) -> None:
        self.done: Counter[int] = Counter()
        self.by: dict[str, int] = {}
        self.most = self.at_work = 0
        self._failing = failing

    def worker(self, folder: Path, name: str, at_once: int = 3) -> Worklist[int]:
        async def do(item: int) -> None:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            await asyncio.sleep(0.01)
            self.at_work -= 1
            if failure := self._failing(item):
                raise failure
            self.done[item] += 1
            self.by[name] = self.by.get(name, 0) + 1

        pieces = Pieces[int](str, lambda item: item not in self.done, do)
        return Worklist(pieces, FileSharing(folder), at_once)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist_module, "WAIT_SECONDS", 0.02)


def test_two_workers_do_every_piece_once_and_so_many_side_by_side(tmp_path: Path) -> None:
    board = Board()

    async def both() -> None:
        workers = [board.worker(tmp_path, name).run(range(30)) for name in ("one", "other")]
        await asyncio.gather(*workers)

    asyncio.run(both())
    assert board.done == dict.fromkeys(range(30), 1)
    assert set(board.by) == {"one", "other"} and 1 < board.most <= 6


def test_what_is_done_is_not_taken_and_nothing_is_no_work(tmp_path: Path) -> None:
    board = Board()
    board.done.update(range(5))
    asyncio.run(board.worker(tmp_path, "one").run(range(5)))
    asyncio.run(board.worker(tmp_path, "one").run([]))
    assert board.by == {} and not list(tmp_path.rglob("*"))


def test_a_worker_waits_for_what_another_holds_and_takes_it_once_that_one_is_gone(
    tmp_path: Path,
) -> None:
    board, dying = Board(), FileSharing(tmp_path)

    async def scene() -> None:
        lease = dying.take("1")
        assert lease is not None
        work = asyncio.create_task(board.worker(tmp_path, "one").run(range(3)))
        while len(board.done) < 2:
            await asyncio.sleep(0.01)
        assert not work.done() and board.done == {0: 1, 2: 1}
        lease.release()
        await work

    asyncio.run(scene())
    assert board.done == {0: 1, 1: 1, 2: 1}


def test_one_piece_that_fails_is_told_after_the_rest(tmp_path: Path) -> None:
    board = Board(lambda item: RefusedError("no") if item == 1 else None)
    with pytest.raises(RefusedError):
        asyncio.run(board.worker(tmp_path, "one").run(range(9)))
    assert sum(board.done.values()) == 8


def test_nothing_more_is_begun_where_nothing_more_can_be_done(tmp_path: Path) -> None:
    board = Board(lambda item: UnreachableError("away") if item == 1 else None)
    with pytest.raises(UnreachableError):
        asyncio.run(board.worker(tmp_path, "one").run(range(30)))
    assert sum(board.done.values()) < 6
    assert not list((tmp_path / "leases").iterdir())
