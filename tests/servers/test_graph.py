"""The graph as ``gems serve`` serves it: what clients see, send, cut off and edit."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import settings_for
from fake_server import Answer, FakeServer
from gems import Session
from graph_server import GraphServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]
MODES = ("values", "updates", "messages", "messages-tuple", "custom", "debug", "events", "tasks")


def comparable(result: Any) -> dict[str, Any]:
    """A result without what differs from run to run."""
    kept = {key: value for key, value in result.items() if key not in ("thread_id", "messages")}
    kept["image"] = Path(kept["image"]).is_file()
    kept["rounds"] = [{**item, "image": ""} for item in kept["rounds"]]
    kept["usage"] = {**kept["usage"], "seconds": 0}
    return kept


def test_the_schemas_of_input_output_and_context_are_there_and_titled(studio: GraphServer) -> None:
    with studio.client() as client:
        assistant = client.assistants.search(graph_id="gems")[0]["assistant_id"]
        schemas: Any = client.assistants.get_schemas(assistant)
    for part, field in (("input", "prompt"), ("output", "image"), ("context", "rounds")):
        schema = schemas[f"{part}_schema"]
        assert schema["title"] and field in schema["properties"], part
    assert "messages" in schemas["input_schema"]["properties"]
    assert schemas["context_schema"]["properties"]["rounds"]["description"]


def test_agents_that_speak_mcp_and_a2a_find_it(studio: GraphServer) -> None:
    headers = {"Accept": "application/json, text/event-stream"}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    answer = httpx.post(f"{studio.url}/mcp", json=asked, headers=headers, timeout=30)
    body = next(line for line in answer.text.splitlines() if "jsonrpc" in line)
    [tool] = json.loads(body.removeprefix("data: "))["result"]["tools"]
    assert tool["name"] == "gems" and "prompt" in tool["inputSchema"]["properties"]
    with studio.client() as client:
        assistant = client.assistants.search(graph_id="gems")[0]["assistant_id"]
    words = {"role": "user", "parts": [{"kind": "text", "text": "a cat"}], "messageId": "1"}
    sent = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": words}}
    said = httpx.post(f"{studio.url}/a2a/{assistant}", json=sent, headers=headers, timeout=60).json()
    assert "/gems/pictures/" in json.dumps(said), said


def test_a_served_run_gives_the_librarys_result_whatever_is_watched(
    studio: GraphServer, server: FakeServer, tmp_path: Path
) -> None:
    mine: Any = Session(settings_for(server, tmp_path / "library")).generate("a cat", seed=3)
    with studio.client() as client:
        for mode in MODES:
            thread = client.threads.create()["thread_id"]
            given: Any = {"input": {"prompt": "a cat"}, "context": {"seed": 3, "memory": False}}
            events = list(client.runs.stream(thread, "gems", stream_mode=mode, **given))
            assert not [event for event in events if event.event == "error"], (mode, events[-1])
            state: Any = client.threads.get_state(thread)["values"]
            served = {key: state[key] for key in mine}
            assert comparable(served) == comparable(mine), mode
    assert "BlockingError" not in studio.said()


def test_an_error_arrives_in_its_own_words(studio: GraphServer) -> None:
    studio.fake.script = lambda call, count: Answer("no such model", 404)
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        events = list(client.runs.stream(thread, "gems", input={"prompt": "a cat"}))
    assert events[-1].event == "error"
    assert "fake" in events[-1].data["message"] and "internal error" not in str(events[-1].data)
    for given, word in (({"prompt": " "}, "empty"), ({"prompt": 3}, "prompt"), ({}, "prompt")):
        with pytest.raises(Exception, match=word):
            studio.run(input=given)


def test_progress_is_in_the_state_after_every_round(studio: GraphServer) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        given: Any = {"input": {"prompt": "a cat"}, "stream_mode": ["values", "updates"]}
        parts = list(client.runs.stream(thread, "gems", **given))
    recorded = [p.data["recorder"] for p in parts if p.event == "updates" and p.data.get("recorder")]
    assert [(r["passed"], r["total"], len(r["rounds"])) for r in recorded] == [(2, 3, 1), (3, 3, 2)]
    drawn = [p.data["generator"] for p in parts if p.event == "updates" and "generator" in p.data]
    assert len(drawn) == 2 and all(Path(update["image"]).is_file() for update in drawn)
    live = [p.data for p in parts if p.event == "values" and p.data.get("best_round") == 1]
    assert live and live[0]["image"] and live[0]["outcome"] is None


def wait_for(studio: GraphServer, kind: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(call.kind == kind for call in studio.fake.calls) < count:
        assert time.monotonic() < deadline, f"no {count} calls of {kind}"
        time.sleep(0.05)


def test_a_run_that_is_cancelled_while_it_draws_ends_with_its_best_picture(studio: GraphServer) -> None:
    before = sum(call.kind == "image" for call in studio.fake.calls)
    studio.fake.image_script = lambda call, count: (
        "silence" if sum(c.kind == "image" for c in studio.fake.calls) > before + 1 else None
    )
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        run = client.runs.create(thread, "gems", input={"prompt": "a cat"})["run_id"]
        wait_for(studio, "image", before + 2)
        client.runs.cancel(thread, run, wait=True)
        state: Any = client.threads.get_state(thread)
    values = state["values"]
    assert values["outcome"] == "cancelled" and Path(values["image"]).is_file()
    assert (values["best_round"], values["passed"], values["total"]) == (1, 2, 3)
    assert values["messages"][-1]["type"] == "ai" and not state["next"]


@pytest.mark.parametrize("node", ["planner", "decomposer", "generator", "recorder", "refiner"])
def test_the_state_can_be_edited_at_every_node(studio: GraphServer, node: str) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context={"rounds": 1})
        client.threads.update_state(thread, {"warnings": ["looked at"]}, as_node=node)
        assert "looked at" in client.threads.get_state(thread)["values"]["warnings"]


def test_a_thread_goes_on_from_a_checkpoint_with_an_edited_prompt(studio: GraphServer) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context={"rounds": 2, "seed": 1})
        [at] = [s for s in client.threads.get_history(thread, limit=50) if s["next"] == ["compressor"]]
        changed: Any = client.threads.update_state(
            thread,
            {"knobs": {"rounds": 3}},
            as_node="recorder",
            checkpoint_id=at["checkpoint"]["checkpoint_id"],
        )
        result: Any = client.runs.wait(thread, "gems", checkpoint=changed["checkpoint"])
    assert result["outcome"] == "all_passed" and len(result["rounds"]) == 2


def test_knobs_travel_with_the_thread(studio: GraphServer) -> None:
    studio.fake.image_script = lambda call, count: Answer("the card is on fire", 500)
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        given: Any = {"input": {"prompt": "a cat"}, "context": {"rounds": 1, "seed": 11}}
        client.runs.wait(thread, "gems", raise_error=False, **given)
        studio.fake.image_script = None
        result: Any = client.runs.wait(thread, "gems", input=None)
    assert result["outcome"] == "max_rounds" and len(result["rounds"]) == 1
    assert result["rounds"][0]["seed"] == 11


def test_a_conversation_is_a_prompt_and_gets_an_answer(studio: GraphServer) -> None:
    said = {"messages": [{"role": "user", "content": "two dogs"}]}
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        first: Any = client.runs.wait(thread, "gems", input=said)
        assert first["prompt"] == "two dogs"
        assert [m["type"] for m in first["messages"]] == ["human", "ai"]
        assert Path(first["image"]).name in first["messages"][-1]["content"]
        again: Any = client.runs.wait(thread, "gems", input={"prompt": "a bird"})
        assert again["prompt"] == "a bird"
        assert [m["content"] for m in again["messages"]][2] == "a bird"
        picture = base64.b64encode(Path(first["image"]).read_bytes()).decode()
        blocks = [
            {"type": "text", "text": "like this one"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}},
        ]
        asked: Any = {"messages": [{"role": "user", "content": blocks}]}
        third: Any = client.runs.wait(thread, "gems", input=asked)
    assert third["prompt"] == "like this one"
    assert any("the pictures were left out" in warning for warning in third["warnings"])


def test_chat_clients_are_shown_nothing_of_what_roles_say(studio: GraphServer) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        given: Any = {"input": {"prompt": "a cat"}, "stream_mode": "messages-tuple"}
        parts = list(client.runs.stream(thread, "gems", **given))
    said = [part.data[0]["type"] for part in parts if part.event == "messages"]
    assert said == ["human", "ai"]


ANSWERS: list[tuple[Any, str, int]] = [
    ({"decision": "go_on"}, "all_passed", 2),
    ([{"type": "accept", "args": None}], "all_passed", 2),
    ({"decision": "take"}, "accepted", 1),
    ([{"type": "ignore", "args": None}], "cancelled", 1),
    ({"verdicts": {"q3": "pass"}}, "all_passed", 1),
    ({"drop": ["q3"]}, "all_passed", 1),
]
"""What a person may say of the first round, how the run ends then, and after how many rounds."""


@pytest.mark.parametrize(("said", "outcome", "rounds"), ANSWERS)
def test_a_person_reviews_a_round(studio: GraphServer, said: Any, outcome: str, rounds: int) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        context = {"review": "on_failure", "seed": 5, "memory": False}
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context=context)
        state: Any = client.threads.get_state(thread)
        [asked] = state["interrupts"][0]["value"]
        assert asked["action_request"]["args"]["prompt"] and asked["round"] == 1
        assert httpx.get(asked["picture"]).headers["content-type"] == "image/png"
        assert client.threads.get(thread)["status"] == "interrupted"
        result: Any = client.runs.wait(thread, "gems", command={"resume": said})
    assert (result["outcome"], len(result["rounds"])) == (outcome, rounds)


@pytest.mark.parametrize(
    "said", [{"wrong": "no tail"}, {"add": ["a tail"]}, {"prompt": "a cat with a tail"}]
)
def test_what_a_person_wants_is_asked_for(studio: GraphServer, said: dict[str, Any]) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        context = {"review": "on_failure", "memory": False, "rounds": 2}
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context=context)
        client.runs.wait(thread, "gems", command={"resume": said})
        state: Any = client.threads.get_state(thread)
    wanted = str(state["values"]["requirements"]) + state["values"]["draft"]["prompt"]
    assert "tail" in wanted and state["values"]["reviews"][0]["changes"] == ("prompt" not in said)
