"""The public face: one list, quick to import, typed so that checkers find a caller's mistakes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import gems
import pytest
from gems.models.fakes import FakeGenerator, FakeMLLM
from langgraph.checkpoint.memory import InMemorySaver

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent

RIGHT = """
import asyncio

from gems import Event, RunResult, Session, Settings, agenerate, astream, generate, resume, stream

result: RunResult = generate("a cat", rounds=5, candidates=3, verify="together", out="pictures")
print(result["image"], result["usage"]["images"], resume(result["thread_id"])["outcome"])
for event in stream("a cat", seed=7):
    if event["event"] == "verdict":
        print(event["requirement"], event["value"])


def on_event(event: Event) -> None:
    print(event["event"])


async def main() -> None:
    async with Session(Settings(mllm="embedded"), interrupt_before=["refiner"]) as session:
        await session.agenerate("a cat", seed=None, on_event=on_event)
    async for event in astream("a cat"):
        if event["event"] == "result":
            print(event["result"]["passed"])
    await agenerate("a cat", max_seconds=1.5)


asyncio.run(main())
"""
WRONG = [
    'generate("a cat", rounds="five")',
    'generate("a cat", candidatez=3)',
    "generate(5)",
    'stream("a cat", verify="sometimes")',
    'Session(mllm="openai:model")',
    'Session().generate("a cat", knobs={})',
    'build_graph(generator=lambda prompt: b"")',
    'RunContext(rounds="five")',
    'generate("a cat")["picture"]',
    "from gems import nonsense",
]


def check(tool: str, source: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Runs a type checker of this environment on ``source``, from another folder than the checkout."""
    file = tmp_path / "example.py"
    file.write_text(source)
    strict = ["--strict"] if tool == "mypy" else ["--pythonpath", sys.executable]
    command = [str(BIN / tool), *strict, str(file)]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=110)


@pytest.mark.parametrize("tool", ["mypy", "pyright"])
def test_type_checkers_accept_right_uses_and_reject_each_wrong_one(tool: str, tmp_path: Path) -> None:
    if not (BIN / tool).exists():
        pytest.skip(f"{tool} is not installed")
    good = check(tool, RIGHT, tmp_path)
    assert good.returncode == 0, good.stdout
    names = "from gems import RunContext, Session, build_graph, generate, stream\n"
    bad = check(tool, names + "\n".join(WRONG), tmp_path)
    lines = {int(n) for n in re.findall(r"example\.py:(\d+)(?::\d+)?(?::| -) error", bad.stdout)}
    assert lines == set(range(2, 2 + len(WRONG))), bad.stdout


def test_every_public_name_is_there_and_listed_once() -> None:
    listed = [name for names in gems.PUBLIC.values() for name in names]
    assert sorted(listed) == sorted(gems.__all__) and len(set(listed)) == len(listed)
    for name in gems.__all__:
        value = getattr(gems, name)
        # A union of TypedDicts carries no docstring of its own.
        assert value.__doc__ or name == "Event"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = gems.nonsense  # type: ignore[attr-defined]


def test_importing_it_loads_nothing() -> None:
    code = (
        "import sys, gems; heavy = {'pydantic', 'langgraph', 'torch', 'PIL'} & set(sys.modules); "
        "assert not heavy, heavy; "
        "import gems.graphs.refinement; heavy = {'langgraph', 'torch', 'chromadb'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def examples() -> list[str]:
    """The README's Python blocks."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(examples())))
def test_the_readmes_examples_run(number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = examples()[number]
    if "langgraph_sdk" in source:
        pytest.skip("needs a server; tests/graphs/test_server.py runs one")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, f"README example {number + 1}", "exec"), names)
    if "draw" in names:
        assert Path(names["draw"](scripted(), FakeGenerator())).is_file()


def scripted() -> FakeMLLM:
    return FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": "Is there a cat?"}]},
        verifier={"verdict": "yes"},
    )


def test_a_graph_takes_any_checkpointer(tmp_path: Path) -> None:
    graph = gems.build_graph(
        settings=gems.Settings(home=tmp_path),
        mllm=scripted(),
        generator=FakeGenerator(),
        checkpointer=InMemorySaver(),
        interrupt_before=["generator"],
    )
    config: Any = {"configurable": {"thread_id": "1"}}
    context = gems.RunContext(memory=False)
    graph.invoke({"prompt": "a cat"}, config, context=context)
    assert graph.get_state(config).next == ("generator",)
    assert graph.invoke(None, config, context=context)["outcome"] == "all_passed"
