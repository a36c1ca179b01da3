"""What was spent, as files and as rows: by month, by caller, from several processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gems.errors import StorageError
from gems.memory.database import Database
from gems.memory.spending import FileSpending, RowSpending, Spending, this_month
from postgres_cluster import Cluster

REAL = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(params=["files", pytest.param("rows", marks=REAL)])
def spending(request: pytest.FixtureRequest, tmp_path: Path) -> Spending:
    if request.param == "files":
        return FileSpending(tmp_path / "spending")
    running: Cluster = request.getfixturevalue("cluster")
    url = running.new_database(f"spent_{abs(hash(request.node.name)) % 10**9}")
    return RowSpending(Database(url))


def test_what_is_spent_adds_up_by_caller_and_month(spending: Spending) -> None:
    assert spending.spent("ab12", "2026-11") == 0
    spending.add("ab12", "2026-11", 0.25)
    assert spending.spent("ab12", "2026-11") == 0.25
    spending.add("ab12", "2026-11", 0.25)
    spending.add("ab12", "2026-12", 1.0)
    spending.add("cd34", "2026-11", 2.0)
    assert spending.spent("ab12", "2026-11") == 0.5
    assert spending.spent("ab12", "2026-12") == 1.0
    assert spending.spent("cd34", "2026-11") == 2.0
    assert len(this_month()) == 7


def test_several_processes_add_to_one_sum(tmp_path: Path) -> None:
    work = (
        "import sys; from pathlib import Path; from gems.memory.spending import FileSpending\n"
        "for _ in range(200): FileSpending(Path(sys.argv[1])).add('ab12', '2026-11', 0.5)"
    )
    here = FileSpending(tmp_path)
    processes = [subprocess.Popen([sys.executable, "-c", work, str(tmp_path)]) for _ in range(3)]
    while any(process.poll() is None for process in processes):
        assert here.spent("ab12", "2026-11") <= 300
    assert here.spent("ab12", "2026-11") == FileSpending(tmp_path).spent("ab12", "2026-11") == 300


def test_what_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    FileSpending(tmp_path).add("ab12", "2026-11", 0.5)
    [file] = (tmp_path / "2026-11").iterdir()
    with file.open("a") as lines:
        lines.write("0.")
    FileSpending(tmp_path).add("ab12", "2026-11", 0.5)
    assert FileSpending(tmp_path).spent("ab12", "2026-11") == 1.0


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        FileSpending(tmp_path / "file").add("ab12", "2026-11", 0.5)
