"""What could not be told, and what may have been told wrong: neither ends or misleads a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from gems.graphs.refinement import build_graph
from gems.memory.images import ImageStore
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.settings import Settings

QUESTIONS = [
    {"question": "Is there a cat?", "statement": "a cat", "kind": "object"},
    {"question": "Is the cat red?", "statement": "a red cat", "kind": "attribute", "depends_on": 1},
    {"question": "Is there a dog?", "statement": "a dog", "kind": "object"},
]
Judge = Callable[[int, str, int], str]
"""(picture, from 1; the question's last word; how often it was asked) -> yes, no or cannot_tell."""


class Bench:
    """A graph whose MLLM judges by a function and does not answer alike every time."""

    def __init__(self, tmp_path: Path, judge: Judge) -> None:
        self._judge = judge
        self._pictures: list[str] = []
        self._asked: Counter[tuple[int, str]] = Counter()
        self.mllm = FakeMLLM(
            planner={"skill": "none"},
            decomposer={"questions": QUESTIONS},
            verifier=self._verify,
            verifier_all=self._verify_all,
            compressor={"experience": "say it first"},
            refiner={"action": "rewrite", "prompt": "a red cat and a dog"},
        )
        self.mllm.steady = False
        self.generator = FakeGenerator()
        self.graph = build_graph(
            settings=Settings(home=tmp_path / "home"),
            mllm=self.mllm,
            generator=self.generator,
            images=ImageStore(tmp_path / "images"),
        )

    def _look(self, question: str, images: Sequence[Path]) -> dict[str, Any]:
        if images[0].name not in self._pictures:
            self._pictures.append(images[0].name)
        number, word = self._pictures.index(images[0].name) + 1, question.split()[-1].strip("?")
        self._asked[number, word] += 1
        said = self._judge(number, word, self._asked[number, word])
        return {"verdict": said, "reason": f"{word}: {said}"}

    def _verify(self, fields: Mapping[str, Any], images: Sequence[Path]) -> dict[str, Any]:
        return self._look(fields["question"], images)

    def _verify_all(self, fields: Mapping[str, Any], images: Sequence[Path]) -> dict[str, Any]:
        asked = fields["questions"]
        looks = [{"number": q["number"], **self._look(q["question"], images)} for q in asked]
        return {"verdicts": looks}

    def run(self, **options: Any) -> dict[str, Any]:
        context = RunContext(**{"seed": 7, "memory": False, "rounds": 3, **options})
        result: dict[str, Any] = self.graph.invoke({"prompt": "a red cat and a dog"}, context=context)
        return result

    @property
    def looks(self) -> int:
        return self._asked.total()


def verdicts(result: dict[str, Any], number: int = 1) -> list[str]:
    return [item["verdict"] for item in result["rounds"][number - 1]["verdicts"]]


def test_what_cannot_be_told_does_not_end_a_run(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "cannot_tell" if word == "dog" else "yes")
    result = bench.run()
    assert (result["outcome"], result["passed"], len(result["rounds"])) == ("max_rounds", 2, 3)
    assert verdicts(result) == ["pass", "pass", "not_judged"]
    shown = [{"statement": "a dog", "reason": "dog: cannot_tell"}]
    assert bench.mllm.asked("compressor")[0]["undecided"] == shown
    assert bench.mllm.asked("refiner")[0]["attempts"][0]["undecided"] == shown


def test_what_could_not_be_told_among_others_may_be_told_alone(tmp_path: Path) -> None:
    bench = Bench(
        tmp_path,
        lambda picture, word, times: "cannot_tell" if word == "dog" and times == 1 else "yes",
    )
    result = bench.run()
    assert (result["outcome"], len(result["rounds"]), bench.looks) == ("all_passed", 1, 4)


def test_what_nobody_can_tell_is_looked_at_twice_and_no_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "cannot_tell" if word == "dog" else "yes")
    result = bench.run(rounds=2)
    assert verdicts(result, 1) == verdicts(result, 2) == ["pass", "pass", "not_judged"]
    # Nothing comes after the last round, whose picture is no better than the first.
    assert bench.looks == 7


def test_what_waits_for_something_that_failed_is_shown_with_what_it_waits_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "no" if word == "cat" else "yes")
    result = bench.run(rounds=2)
    assert result["outcome"] == "max_rounds"
    [shown] = bench.mllm.asked("compressor")[0]["undecided"]
    assert shown["statement"] == "a red cat" and "Is there a cat?" in shown["reason"]


@pytest.mark.parametrize("verify", ["each", "together", "votes"])
def test_a_slip_does_not_reject_a_right_picture(tmp_path: Path, verify: str) -> None:
    bench = Bench(
        tmp_path, lambda picture, word, times: "no" if word == "dog" and times == 1 else "yes"
    )
    result = bench.run(verify=verify)
    assert (result["outcome"], len(result["rounds"])) == ("all_passed", 1)
    # Three looks at the dog; with votes two at the others.
    assert bench.looks == (7 if verify == "votes" else 5)


def test_a_win_by_a_slip_does_not_replace_the_first_picture(tmp_path: Path) -> None:
    def judge(picture: int, word: str, times: int) -> str:
        if picture == 1:
            return "no" if word == "dog" else "yes"
        return "yes" if times == 1 or word != "dog" else "no"

    result = Bench(tmp_path, judge).run(rounds=2)
    assert (result["outcome"], result["best_round"]) == ("max_rounds", 1)
    assert verdicts(result, 2) == ["pass", "pass", "fail"]


def test_a_true_win_is_confirmed_and_replaces_it(tmp_path: Path) -> None:
    bench = Bench(
        tmp_path, lambda picture, word, times: "no" if picture == 1 and word == "dog" else "yes"
    )
    result = bench.run()
    assert (result["outcome"], result["best_round"]) == ("all_passed", 2)
    # Two looks at the dog of each picture.
    assert bench.looks == 8


def test_a_clear_win_needs_no_confirmation(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "no" if picture == 1 else "yes")
    assert bench.run()["outcome"] == "all_passed"
    assert bench.looks == 8


def test_a_judge_that_contradicts_itself_stops_the_run_and_is_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "yes" if times % 2 else "no")
    assert bench.run(verify="each")["outcome"] == "all_passed"
    torn = Bench(tmp_path / "torn", lambda picture, word, times: "no" if times % 2 else "yes")
    result = torn.run(verify="votes", rounds=5)
    assert result["outcome"] == "unreliable" and len(result["rounds"]) == 1
    assert "3 of 3" in result["reason"] and Path(result["image"]).is_file()


def test_a_model_that_answers_alike_every_time_is_asked_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "no" if word == "dog" else "yes")
    bench.mllm.steady = True
    bench.run(rounds=2)
    assert bench.looks == 6


def test_no_budget_no_second_look(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "no" if word == "dog" else "yes")
    result = bench.run(max_mllm_calls=5, verify="each")
    assert (result["outcome"], bench.looks) == ("budget", 3)


def test_questions_that_an_answer_passes_over_are_asked_once_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda picture, word, times: "yes")
    whole = bench._verify_all

    def lazy(fields: Mapping[str, Any], images: Sequence[Path]) -> dict[str, Any]:
        return {"verdicts": whole(fields, images)["verdicts"][:2]}

    bench.mllm._queues["verifier_all"][0] = lazy
    assert bench.run(verify="together")["outcome"] == "all_passed"
    asked = [[q["number"] for q in fields["questions"]] for fields in bench.mllm.asked("verifier_all")]
    assert asked == [[1, 2, 3], [3]]
