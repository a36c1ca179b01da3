"""A model that knows the exam's answers, but for the weaknesses that a test gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gems.evals.roles.frame import items

Answer = dict[str, Any]
Flaw = Callable[[str, str, Answer], Answer]
"""(role, what it was asked, the right answer) -> the answer."""


def as_it_is(role: str, asked: str, answer: Answer) -> Answer:
    return answer


class Candidate:
    """Right answers to every role, spoilt by ``flaw``."""

    def __init__(self, flaw: Flaw = as_it_is) -> None:
        self.flaw = flaw
        questions = [q for item in items("verifier") for q in item["questions"]]
        self.truth = {q["question"]: q["truth"] for q in questions}
        self.kind = {q["question"]: q["kind"] for q in questions}
        self.atoms = {item["prompt"]: item["atoms"] for item in items("decomposer")}
        self.skills = {item["prompt"]: item["skill"] for item in items("planner")}
        self.asked = {item["prompt"]: item for item in (*items("writers"), *items("rounds"))}

    def answer(self, role: str, fields: dict[str, Any]) -> Answer:
        if role == "verifier":
            return self.look(role, fields["question"])
        if role == "verifier_all":
            return {
                "verdicts": [
                    {"number": q["number"], **self.look(role, q["question"])}
                    for q in fields["questions"]
                ]
            }
        prompt = fields["prompt"]
        say = getattr(self, role)
        return self.flaw(role, prompt, say(prompt))

    def look(self, role: str, question: str) -> Answer:
        verdict = "yes" if self.truth[question] else "no"
        return self.flaw(role, question, {"verdict": verdict, "reason": "I looked"})

    def decomposer(self, prompt: str) -> Answer:
        wanted = [[word.split("|")[0] for word in atom["words"]] for atom in self.atoms[prompt]]
        unique = dict.fromkeys(" ".join(words) for words in wanted)
        return {
            "questions": [{"question": f"Is there {words}?", "statement": words} for words in unique]
        }

    def planner(self, prompt: str) -> Answer:
        return {"skill": self.skills[prompt], "reason": ""}

    def skill_writer(self, prompt: str) -> Answer:
        return {"prompt": self.written(prompt)}

    def refiner(self, prompt: str) -> Answer:
        wanted = self.asked[prompt]["requirements"]
        covers = [{"number": n, "quote": r["statement"]} for n, r in enumerate(wanted, 1)]
        return {"action": "rewrite", "prompt": self.written(prompt), "covers": covers}

    def compressor(self, prompt: str) -> Answer:
        failed = [r for r in self.asked[prompt]["requirements"] if not r.get("passed")]
        return {"experience": "; ".join(r["statement"] for r in failed)}

    def written(self, prompt: str) -> str:
        """All that is asked for, each literal text once, nothing that is to be absent."""
        item = self.asked[prompt]
        absent = [word.casefold() for word in item["absent"]]
        kept = [
            r["statement"]
            for r in item["requirements"]
            if not any(word in r["statement"].casefold() for word in absent)
        ]
        texts = [f'"{t}"' for t in item["texts"] if not any(t in statement for statement in kept)]
        return ", ".join([*kept, *texts])
