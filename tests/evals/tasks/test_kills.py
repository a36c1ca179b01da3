"""Workers on one evaluation that are killed again and again: what they keep is there once."""

from __future__ import annotations

import kill_workers
import pytest


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_of_two_workers_cost_no_prompt_and_no_answer() -> None:
    assert kill_workers.main(kills=6, prompts=16) == []
