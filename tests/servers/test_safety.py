"""Keys, owners, limits, and the tricks that they are there for, on a server with two keys."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_server import FakeServer
from gems.app.http.keys import KeyRing
from graph_server import BIN, GraphServer, Process, free_port, settings_of

pytestmark = [pytest.mark.servers, pytest.mark.slow]
EVIL = "http://127.0.0.1:9/evil"


@dataclass
class Guarded:
    """A server with keys of two owners."""

    server: GraphServer
    ring: KeyRing
    alice: str
    bob: str

    def ask(self, method: str, path: str, key: str = "", **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= options.pop("headers", {})
        url = f"{self.server.url}{path}"
        return httpx.request(method, url, headers=headers, timeout=60, **options)

    def draw(self, key: str, **given: Any) -> tuple[str, Any]:
        """A thread of the key's, and the result of a run on it."""
        thread = self.ask("POST", "/threads", key, json={}).json()["thread_id"]
        body = {"assistant_id": "gems", "input": {"prompt": "a cat"}, **given}
        return thread, self.ask("POST", f"/threads/{thread}/runs/wait", key, json=body).json()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    ring = KeyRing(folder / "home")
    alice, bob = ring.add("alice")[1], ring.add("bob")[1]
    with FakeServer() as fake:
        server = GraphServer(folder, fake, GEMS_ALLOW="openai:other-*", GEMS_LIMIT_ROUNDS="3")
        try:
            yield Guarded(server, ring, alice, bob)
        finally:
            server.process.stop()


@pytest.fixture(scope="module")
def alices(guarded: Guarded) -> tuple[str, Any]:
    return guarded.draw(guarded.alice)


ROUTES = [
    ("GET", "/info"), ("GET", "/metrics"), ("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/"),
    ("POST", "/assistants/search"), ("POST", "/threads"), ("POST", "/threads/search"),
    ("POST", "/runs/wait"), ("POST", "/runs/stream"), ("POST", "/mcp"), ("POST", "/a2a/gems"),
    ("PUT", "/store/items"), ("POST", "/store/items/search"), ("POST", "/runs/crons/search"),
    ("GET", "/gems/ready"), ("GET", "/gems/metrics"), ("GET", "/gems/runs/x"), ("GET", "/nowhere"),
    ("GET", "/gems/pictures/" + "0" * 64 + ".png"), ("GET", "/ui/gems"), ("GET", "/noauth/info"),
    ("POST", "/noauth/threads/search"), ("GET", "//info"), ("GET", "/gems/health/../metrics"),
]  # fmt: skip
"""What a stranger may try."""


def test_a_stranger_gets_401_on_every_route_but_health(guarded: Guarded) -> None:
    wrong = [
        {}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {guarded.alice[:-1]}"},
        {"x-auth-scheme": "langsmith"}, {"x-api-key": "gems_00000000_" + "a" * 43},
        {"Authorization": f"Basic {guarded.alice}"}, {"x-forwarded-for": "127.0.0.1"},
        {"Host": "localhost", "x-original-url": "/gems/health"},
    ]  # fmt: skip
    for method, path in ROUTES:
        for headers in wrong if path == "/info" else wrong[:1]:
            answer = guarded.ask(method, path, headers=headers, json={})
            assert answer.status_code == 401, (method, path, headers, answer.text)
    assert guarded.ask("GET", "/gems/health").status_code == 200


def test_an_owner_gets_404_on_what_is_anothers(guarded: Guarded, alices: tuple[str, Any]) -> None:
    thread, result = alices
    name = Path(result["image"]).name
    run = guarded.ask("GET", f"/threads/{thread}/runs", guarded.alice).json()[0]["run_id"]
    paths = [
        f"/threads/{thread}", f"/threads/{thread}/state", f"/threads/{thread}/runs/{run}",
        f"/gems/runs/{thread}", f"/gems/pictures/{name}", f"/gems/pictures/{name}/link",
        f"/gems/pictures/{name}?side=128",
    ]  # fmt: skip
    for path in paths:
        assert guarded.ask("GET", path, guarded.alice).status_code == 200, path
        assert guarded.ask("GET", path, guarded.bob).status_code == 404, path
    for method, path, body in [
        ("POST", f"/threads/{thread}/state", {"values": {"warnings": ["x"]}}),
        ("POST", f"/threads/{thread}/runs/wait", {"assistant_id": "gems", "input": {"prompt": "x"}}),
        ("POST", f"/threads/{thread}/history", {}),
        ("POST", f"/threads/{thread}/copy", {}),
        ("POST", f"/threads/{thread}/runs/{run}/cancel", None),
        ("DELETE", f"/threads/{thread}", None),
    ]:
        answer = guarded.ask(method, path, guarded.bob, json=body)
        assert answer.status_code in (403, 404, 409), (path, answer.text)
    assert guarded.ask("POST", "/threads/search", guarded.bob, json={}).json() == []
    speech = {"role": "user", "parts": [{"kind": "text", "text": "hi"}], "messageId": "1"}
    said = guarded.ask(
        "POST", "/a2a/gems", guarded.bob, headers={"Accept": "application/json"},
        json={"jsonrpc": "2.0", "id": 1, "method": "message/send",
              "params": {"message": {**speech, "contextId": thread}}},
    )  # fmt: skip
    state = guarded.ask("GET", f"/threads/{thread}/state", guarded.alice).json()
    assert state["values"]["prompt"] == "a cat" and "a cat" not in said.text


def test_a_pictures_address_works_without_a_key_until_it_ends(
    guarded: Guarded, alices: tuple[str, Any]
) -> None:
    _, result = alices
    [url] = re.findall(r"\((http[^)]+)\)", result["messages"][-1]["content"])
    assert httpx.get(url).content == Path(result["image"]).read_bytes()
    assert httpx.get(f"{url}&side=128").status_code == 200
    name = Path(result["image"]).name
    given = guarded.ask("GET", f"/gems/pictures/{name}/link", guarded.alice).json()["url"]
    assert guarded.ask("GET", given).status_code == 200
    other = Path(result["rounds"][0]["image"]).name
    for broken in (
        re.sub(r"expires=\d+", "expires=99999999999", url),
        re.sub(r"expires=\d+", "expires=1", url),
        re.sub(r"signature=.", "signature=", url),
        url.replace(name, other),
        f"{url.partition('?')[0]}?signature=",
        f"{url.partition('?')[0]}?expires=%C2%B2&signature=x",
    ):
        assert httpx.get(broken).status_code in (401, 404), broken


def test_a_revoked_key_opens_nothing_at_once(guarded: Guarded) -> None:
    key, text = guarded.ring.add("carol")
    assert guarded.ask("GET", "/info", text).status_code == 200
    guarded.ring.revoke(key.id)
    assert guarded.ask("GET", "/info", text).status_code == 401


CONTEXTS: list[dict[str, Any]] = [
    {"generator": f"gems-http:{EVIL}"}, {"generator": "openai:dall-e-3"}, {"mllm": "openai:gpt-5"},
    {"mllm": "langchain:this.Zen:x"}, {"mllm": "langchain:os:x"}, {"generator": "diffusers:/etc"},
    {"generator": "diffusers:../.."}, {"verifiers": "mllm:langchain:this.Zen:x"},
    {"verifiers": "mllm, mllm:openai:gpt-5"}, {"verifiers": "embedded"}, {"generator": "embedded"},
    {"mllm": "openai:fake x"}, {"mllm": "OPENAI:other-1"}, {"generator": "openai:fake\nx"},
    {"width": 8192}, {"height": 2049}, {"candidates": 16}, {"rounds": 4}, {"rounds": 51},
    {"rounds": "many"}, {"rounds": -1}, {"max_seconds": 1e9}, {"max_seconds": -1}, {"seed": -1},
    {"width": 0}, {"shown_images": 1000}, {"verify": "sometimes"}, {"bogus": 1}, {"Rounds": 1},
    {"skill": ""}, {"memory": "perhaps"}, {"seed": 2**64}, {"__class__": "x"},
]  # fmt: skip
"""What a client may try to have done."""


@pytest.mark.parametrize("context", CONTEXTS, ids=repr)
def test_what_the_operator_did_not_name_is_refused_at_the_door(
    guarded: Guarded, context: dict[str, Any]
) -> None:
    calls = len(guarded.server.fake.calls)
    body = {"assistant_id": "gems", "input": {"prompt": "a cat"}, "context": context}
    for path, sent in [
        ("/runs/wait", body),
        ("/runs/batch", [body]),
        ("/assistants", {"graph_id": "gems", "context": context}),
    ]:
        answer = guarded.ask("POST", path, guarded.alice, json=sent)
        assert answer.status_code == 422, (path, answer.text)
        assert len(answer.json()["detail"].splitlines()) == 1
    if "bogus" not in context and "Rounds" not in context and "__class__" not in context:
        configured = {**body, "context": {}, "config": {"configurable": context}}
        assert guarded.ask("POST", "/runs/wait", guarded.alice, json=configured).status_code == 422
    assert len(guarded.server.fake.calls) == calls


@pytest.mark.parametrize(
    "knobs",
    [
        {"generator": f"gems-http:{EVIL}"},
        {"verifiers": "mllm:langchain:this.Zen:x"},
        {"mllm": "langchain:this.Zen:x"},
        {"rounds": 50},
        {"candidates": 16, "width": 8192},
    ],
)
def test_an_edited_state_gets_no_further(guarded: Guarded, knobs: dict[str, Any]) -> None:
    thread, _ = guarded.draw(guarded.alice, context={"rounds": 1})
    before = len(guarded.server.fake.calls)
    edited = {"values": {"knobs": knobs}, "as_node": "recorder"}
    guarded.ask("POST", f"/threads/{thread}/state", guarded.alice, json=edited)
    body = {"assistant_id": "gems", "input": {"prompt": "a dog"}}
    guarded.ask("POST", f"/threads/{thread}/state", guarded.alice, json={"values": {"knobs": knobs}})
    result = guarded.ask("POST", f"/threads/{thread}/runs/wait", guarded.alice, json=body).json()
    assert "this server" in json.dumps(result), result
    assert len(guarded.server.fake.calls) == before
    assert "Zen of Python" not in guarded.server.said()


def test_a_picture_reference_leads_to_no_other_file(guarded: Guarded) -> None:
    thread, _ = guarded.draw(guarded.alice, context={"rounds": 1})
    for path in ("/etc/passwd", "../../../etc/passwd", "aa/../../keys.json"):
        image = {"sha256": "0" * 64, "path": path, "width": 1, "height": 1}
        attempt = {"round": 2, "candidate": 0, "prompt": "x", "seed": 1, "image": image}
        values = {"attempts": [attempt], "verdicts": {}}
        edited = {"values": values, "as_node": "recorder"}
        answer = guarded.ask("POST", f"/threads/{thread}/state", guarded.alice, json=edited)
        report = guarded.ask("GET", f"/gems/runs/{thread}", guarded.alice)
        assert "root:" not in answer.text + report.text
    for name in ("../keys.json", "..%2F..%2Fkeys.json", "%2e%2e/keys.json", "0" * 63 + "G", "a" * 64):
        answer = guarded.ask("GET", f"/gems/pictures/{name}.png", guarded.alice)
        assert answer.status_code == 404, name


def test_addresses_that_clients_name_are_not_called(guarded: Guarded) -> None:
    with FakeServer() as elsewhere:
        picture = {"type": "image_url", "image_url": {"url": f"{elsewhere.url}/x.png"}}
        said = [{"role": "user", "content": [{"type": "text", "text": "a cat"}, picture]}]
        guarded.draw(guarded.alice, input={"messages": said})
        guarded.draw(guarded.alice, webhook=f"{elsewhere.url}/hook")
        assert not elsewhere.calls and not elsewhere.heads


def test_pages_of_other_origins_are_not_let_in(guarded: Guarded) -> None:
    for origin in ("http://evil.example", "null", "http://localhost:3000"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = guarded.ask("OPTIONS", "/threads", headers=headers)
        assert "access-control-allow-origin" not in answer.headers, origin


def test_a_body_has_a_bound(guarded: Guarded) -> None:
    big = b'{"input": "' + base64.b64encode(bytes(30 * 2**20)) + b'"}'
    for content in (big, iter([big])):
        answer = guarded.ask(
            "POST", "/runs/wait", guarded.alice, content=content,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 413


def test_what_the_operator_named_is_opened(guarded: Guarded) -> None:
    _, result = guarded.draw(guarded.alice, context={"mllm": "openai:other-1", "rounds": 2})
    assert result["outcome"] == "all_passed", result


def test_a_server_without_keys_is_for_its_own_machine(tmp_path: Path) -> None:
    with FakeServer() as fake:
        command = [str(BIN / "gems"), "serve", "--port", str(port := free_port())]
        process = Process(command, tmp_path, settings_of(fake, tmp_path / "home"))
        url = f"http://127.0.0.1:{port}"
        try:
            process.wait_until_up(f"{url}/gems/health")
            assert httpx.get(f"{url}/info").status_code == 200
            for headers in (
                {"Host": "evil.example"},
                {"Host": "localhost.evil.example"},
                {"X-Forwarded-For": "10.0.0.1"},
                {"Forwarded": "for=10.0.0.1"},
            ):
                assert httpx.get(f"{url}/info", headers=headers).status_code == 401, headers
            KeyRing(tmp_path / "home").add("alice")
            assert httpx.get(f"{url}/info").status_code == 401
        finally:
            process.stop()
