"""Files that grow by lines: several processes, cut-off lines, characters that end lines elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from gems.models.lines import Tail, append_line, read_lines

WRITER = """
import sys
from pathlib import Path
from gems.models.lines import append_line
for number in range(100):
    append_line(Path(sys.argv[1]), sys.argv[2] * (9000 + number))
"""
ODD = "a\u2028b\x85c\x0bd\x1ce"


def test_a_line_ends_where_it_was_ended(tmp_path: Path) -> None:
    path, tail = tmp_path / "new" / "lines", Tail(tmp_path / "new" / "lines")
    assert read_lines(path) == tail.lines() == []
    append_line(path, json.dumps(ODD, ensure_ascii=False))
    assert [json.loads(line) for line in read_lines(path)] == [ODD] == [json.loads(tail.lines()[0])]


def test_a_tail_reads_on_and_leaves_what_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    tail = Tail(path)
    append_line(path, "one")
    with path.open("a") as file:
        file.write("cut")
    assert tail.lines() == ["one"] and tail.lines() == []
    append_line(path, "two")
    assert tail.lines() == ["cut", "two"]
    assert read_lines(path) == ["one", "cut", "two"]


def test_processes_that_write_side_by_side_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), letter]) for letter in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = read_lines(path)
    assert len(lines) == 300 and all(len(set(line)) == 1 for line in lines)
