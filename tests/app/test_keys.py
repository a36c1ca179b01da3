"""Keys are cleaned, checked, and in no output and no file."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import GENERATE, gems, line_of, pictures, raw
from fake_server import FakeServer

pytestmark = pytest.mark.usefixtures("on_fake_server")

SECRET = "sk-test-0123456789abcdef"


@pytest.mark.parametrize("part", ["MLLM", "GENERATOR"])
@pytest.mark.parametrize(
    "key",
    [
        f"{SECRET}\n",
        f"  {SECRET}\r\n",
        f'"{SECRET}"',
        f"'{SECRET}'",
        f"Bearer {SECRET}",
        f"\ufeff{SECRET}",
    ],
)
def test_a_key_is_stripped_of_what_was_copied_along(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, part: str, key: str
) -> None:
    monkeypatch.setenv(f"GEMS_{part}_API_KEY", key)
    assert gems(*GENERATE).exit_code == 0
    sent = {head.get("authorization") for head in server.heads}
    assert sent == {None, f"Bearer {SECRET}"}


@pytest.mark.parametrize("command", [GENERATE, ("doctor",)])
@pytest.mark.parametrize("part", ["MLLM", "GENERATOR"])
@pytest.mark.parametrize(
    ("odd", "what"),
    [
        ("\n", "a line break"),
        ("\u2019", "the character U+2019"),
        ("\u2026", "the character U+2026"),
        (" ", "a space"),
        ("\u00a0", "the character U+00A0"),
        ("\u200b", "the character U+200B"),
    ],
)
def test_a_key_that_cannot_be_one_is_told_without_being_shown(
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    part: str,
    odd: str,
    what: str,
) -> None:
    monkeypatch.setenv(f"GEMS_{part}_API_KEY", f"{SECRET[:12]}{odd}{SECRET[12:]}")
    result = gems(*command)
    assert result.exit_code == (2 if command == GENERATE else 1)
    assert f"GEMS_{part}_API_KEY holds {what} at position 13" in " ".join(result.output.split())
    assert SECRET[:12] not in result.output and SECRET[12:] not in result.output
    assert pictures(server) == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_key_that_the_server_repeats_is_in_no_output_and_no_file(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int
) -> None:
    monkeypatch.setenv("GEMS_MLLM_API_KEY", SECRET)
    said = raw({"error": {"message": f"the key {SECRET} may not"}}, status)
    server.script = lambda call, number: said if call.kind.startswith("verifier") else None
    result = gems(*GENERATE)
    server.script = lambda call, number: said
    other = gems("generate", "a dog", "--no-memory")
    assert "the key *** may not" in line_of(other)
    assert SECRET not in result.output + other.output
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and not any(SECRET.encode() in path.read_bytes() for path in files)


def test_a_password_in_an_address_is_not_shown(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", server.base_url.replace("//", "//me:secret-word@"))
    server.script = lambda call, number: raw({"error": "no"}, 404)
    outputs = [gems(*GENERATE).output, gems("doctor").output]
    assert not any("secret-word" in output for output in outputs)
