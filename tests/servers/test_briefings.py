"""A served run asks a person before it draws."""

from __future__ import annotations

from typing import Any

import pytest
from graph_server import GraphServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]
EDITED = {"action": "draw_first_picture", "args": {"c1": "watercolour", "q2": ""}}
SAID: list[Any] = [
    {"answers": {"c1": "watercolour"}, "drop": ["q2"]},
    [{"type": "edit", "args": EDITED}],
]


@pytest.mark.parametrize("said", SAID)
def test_answers_arrive_by_the_graph_api(studio: GraphServer, said: Any) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        context = {"ask": True, "seed": 5, "memory": False, "rounds": 1}
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context=context)
        state: Any = client.threads.get_state(thread)
        [asked] = state["interrupts"][0]["value"]
        assert state["next"] == ["briefing"] and not state["values"]["attempts"]
        assert asked["questions"][0] == {"id": "c1", "question": "Which style?"}
        wrong: Any = client.runs.wait(thread, "gems", command={"resume": {"drop": ["q99"]}})
        assert not wrong.get("outcome")
        state = client.threads.get_state(thread)
        assert "q99" in state["interrupts"][0]["value"][0]["problem"]
        result: Any = client.runs.wait(thread, "gems", command={"resume": said})
        facts: Any = client.threads.get_state(thread)["values"]
    assert result["request"] == "a cat, watercolour" and result["prompt"] == "a cat"
    assert result["rounds"][0]["prompt"] == "a cat, watercolour"
    assert "q2" not in [item["id"] for item in facts["requirements"]]
    assert facts["briefing"]["answers"][0]["answer"] == "watercolour"


def test_what_is_asked_is_paid_once(studio: GraphServer) -> None:
    """The clarifier's call is paid once, whatever happens while the run waits."""
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        context = {"ask": True, "memory": False, "rounds": 1}
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context=context)
        asked = len([call for call in studio.fake.calls if call.kind == "clarifier"])
        client.runs.wait(thread, "gems", command={"resume": {"decision": "go_on"}})
        again = len([call for call in studio.fake.calls if call.kind == "clarifier"])
    assert asked == again
