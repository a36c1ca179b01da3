"""What people think of runs is kept with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from gems.errors import InputError, RunError
from gems.memory.fakes import FakeExperiences
from scripted_sessions import session_with


def test_stars_stay_with_a_run_and_not_with_its_fork(tmp_path: Path) -> None:
    with session_with(tmp_path, experiences=FakeExperiences()) as session:
        session.generate("a cat", thread_id="mine")
        session.rate("mine", 4)
        session.resume("mine")
        assert session.index.read("mine").rating == 4
        assert session.index.read(session.fork("mine", 1)).rating is None
        session.rate("mine", None)
        assert session.index.read("mine").rating is None


def test_only_runs_that_are_there_and_at_rest_get_one_to_five(tmp_path: Path) -> None:
    with session_with(tmp_path, experiences=FakeExperiences()) as session:
        session.generate("a cat", thread_id="mine")
        for stars in (0, 6, -1):
            with pytest.raises(InputError, match="1 to 5"):
                session.rate("mine", stars)
        with pytest.raises(RunError, match="no run is called"):
            session.rate("other", 3)
        with session.index.hold("mine"), pytest.raises(RunError, match="under way"):
            session.rate("mine", 3)
