"""Who is at what: one worker at a time, and nobody any more once it is dead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from gems.errors import StorageError
from gems.evals.sharing import FileSharing, alone

HOLDER = """
import sys
from pathlib import Path
from gems.evals.sharing import FileSharing
lease = FileSharing(Path(sys.argv[1])).take("work")
assert lease is not None
print("mine", flush=True)
sys.stdin.read()
"""


def test_a_name_is_one_workers_until_it_is_given_back(tmp_path: Path) -> None:
    one, other = FileSharing(tmp_path), FileSharing(tmp_path)
    lease = one.take("work")
    assert lease is not None and one.take("work") is None and other.take("work") is None
    another = other.take("more / work")
    lease.release()
    again = other.take("work")
    assert another is not None and again is not None
    another.release()
    again.release()
    assert list((tmp_path / "leases").iterdir()) == []


def test_who_is_killed_holds_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == "mine\n"
    sharing = FileSharing(tmp_path)
    assert sharing.take("work") is None
    process.kill()
    process.communicate()
    assert sharing.take("work") is not None


def test_a_place_that_takes_no_files_and_a_worker_that_hangs_are_one_line(
    tmp_path: Path,
) -> None:
    (tmp_path / "leases").touch()
    with pytest.raises(StorageError, match="--out"):
        FileSharing(tmp_path).take("work")
    hanging = FileSharing(tmp_path / "other").take("plan")
    assert hanging is not None
    with (
        pytest.raises(StorageError, match="end it"),
        alone(FileSharing(tmp_path / "other"), "plan", 0.05),
    ):
        pass


def test_what_one_writes_the_other_reads_once(tmp_path: Path) -> None:
    one, other = (FileSharing(tmp_path).log(tmp_path / "lines") for _ in range(2))
    one.append("a")
    other.append("b")
    assert one.lines() == other.lines() == ["a", "b"] and one.lines() == []
