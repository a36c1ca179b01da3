"""What was heard of a run shows the same as what was stored of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gems import Session
from gems.app.run_view import RoundView, view_of
from gems.app.ui.overlay import with_events
from gems.app.ui.runs import Served
from gems.memory.fakes import FakeExperiences
from scripted_sessions import scripted, session_with


def opened(tmp_path: Path, **roles: Any) -> Session:
    return session_with(tmp_path, mllm=scripted(**roles), experiences=FakeExperiences())


def seen(session: Any, values: Any) -> list[RoundView]:
    return view_of(session.report("mine"), values, Served()).rounds


def test_events_alone_show_the_rounds_that_the_facts_show(tmp_path: Path) -> None:
    verdicts = [{"verdict": "no"}, {"verdict": "no"}, {"verdict": "yes"}, {"verdict": "yes"}]
    with opened(tmp_path, verifier=verdicts) as session:
        events = list(session.stream("a cat", thread_id="mine", seed=3, candidates=2))
        facts = session.facts("mine")
        heard = with_events({}, "a cat", events[:-1])
        assert seen(session, heard) == seen(session, facts) and len(seen(session, facts)) == 2
        assert seen(session, with_events(facts, "a cat", events[:-1])) == seen(session, facts)


def test_what_is_still_to_be_asked_waits(tmp_path: Path) -> None:
    with opened(tmp_path) as session:
        events = list(session.stream("a cat", thread_id="mine", seed=3))
        drawn = next(place for place, e in enumerate(events) if e["event"] == "drawn")
        [early] = seen(session, with_events({}, "a cat", events[: drawn + 1]))
        assert [cell.value for cell in early.cells] == ["waiting"] and early.pictures
        [planned] = seen(session, with_events({}, "a cat", events[:drawn]))
        assert not planned.pictures and planned.text == "a cat"
