"""What the fake server says and draws: a conversation between roles that leads somewhere.

It tells roles apart by their system message, and looks at the pictures it is sent. Each picture it
draws carries its round as the grey of its top left corner, and the verifier passes the last question
from round ``succeed_in`` on.
"""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import numpy as np
from PIL import Image


class Conversation:
    """The sensible answers; see the module. Pictures are ``size`` pixels a side."""

    def __init__(self, succeed_in: int, questions: int, size: int, *, distinct: bool = False) -> None:
        self.succeed_in = succeed_in
        self.questions = questions
        self.size = size
        self.distinct = distinct
        self._pictures: dict[tuple[int, str], bytes] = {}

    def picture(self, prompt: str) -> bytes:
        """A PNG whose top left corner tells the round; ``distinct``: every prompt's is another one."""
        match = re.search(r"\(round (\d+)\)", prompt)
        round_number = int(match[1]) if match else 1
        key = (round_number, prompt if self.distinct else "")
        if key not in self._pictures:
            noise = np.random.default_rng([round_number, *key[1].encode()] if key[1] else round_number)
            side = self.size
            row = np.linspace(60, 200, side, dtype=np.float32)[None, :, None]
            pixels = np.repeat(np.repeat(row, side, 0), 3, 2) + noise.normal(0, 6, (side, side, 3))
            pixels[: side // 4, : side // 4] = 20 * round_number
            buffer = io.BytesIO()
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
            self._pictures[key] = buffer.getvalue()
        return self._pictures[key]

    def answer(self, role: str, text: str, picture: str) -> dict[str, Any]:
        """What a model that does its work would answer to ``text``, shown ``picture`` (base64)."""
        say = {
            "planner": self._plan,
            "skill_writer": self._write,
            "decomposer": self._decompose,
            "clarifier": self._clarify,
            "reviser": self._revise,
            "verifier": self._verify,
            "verifier_all": self._verify_all,
            "compressor": self._compress,
            "refiner": self._refine,
        }.get(role)
        return say(text, picture) if say else {}

    def _plan(self, text: str, picture: str) -> dict[str, Any]:
        return {"skill": "none", "reason": "a plain request"}

    def _write(self, text: str, picture: str) -> dict[str, Any]:
        return {"prompt": section(text, "prompt") + ", beautifully composed"}

    def _decompose(self, text: str, picture: str) -> dict[str, Any]:
        """As many things as there are questions."""
        questions = [
            {
                "question": f"Is thing {number} there?",
                "statement": f"thing {number}",
                "kind": "object",
                "depends_on": None,
            }
            for number in range(1, self.questions + 1)
        ]
        return {"questions": questions}

    def _clarify(self, text: str, picture: str) -> dict[str, Any]:
        return {"questions": ["Which style?", "For whom is it?"]}

    def _revise(self, text: str, picture: str) -> dict[str, Any]:
        """The request with all that was said behind it."""
        said = json.loads(section(text, "said"))
        words = [item["answer"] for item in said.get("answers", [])]
        words += said.get("add", [])
        words += [said[name] for name in ("words", "change") if name in said]
        return {"request": ", ".join([section(text, "request"), *words])}

    def _verify(self, text: str, picture: str) -> dict[str, Any]:
        return {"verdict": self._look(section(text, "question"), picture), "reason": "I looked"}

    def _verify_all(self, text: str, picture: str) -> dict[str, Any]:
        asked = json.loads(section(text, "questions"))
        looks = [
            {"number": item["number"], "verdict": self._look(item["question"], picture)}
            for item in asked
        ]
        return {"verdicts": [{**look, "reason": "I looked"} for look in looks]}

    def _compress(self, text: str, picture: str) -> dict[str, Any]:
        return {"experience": "The last thing was missing; ask for it first."}

    def _refine(self, text: str, picture: str) -> dict[str, Any]:
        """A rewrite that names every requirement and the round."""
        rounds = len(json.loads(section(text, "attempts"))) + 1
        wanted = [r["statement"] for r in json.loads(section(text, "requirements"))]
        prompt = f"{section(text, 'prompt')}: {', '.join(wanted)} (round {rounds})"
        covers = [{"number": n, "quote": quote} for n, quote in enumerate(wanted, 1)]
        return {
            "action": "rewrite",
            "prompt": prompt,
            "strategy": "  Spell\nOUT ",
            "reasoning": "spell it out",
            "covers": covers,
        }

    def _look(self, question: str, picture: str) -> str:
        """Looks at the picture; the last question fails until the round of success."""
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            image.draft("L", (64, 64))
            grey = np.asarray(image.convert("L").resize((16, 16)))[1:3, 1:3].mean()
        last = f"thing {self.questions} " in question
        return "no" if last and round(grey / 20) < self.succeed_in else "yes"


def read_request(body: dict[str, Any]) -> tuple[str, str, str]:
    """(role, the user's text, the last picture as base64 or "") of a chat request."""
    system = str(body["messages"][0]["content"])
    match = re.match(r"Role: (\w+)", system)
    text, picture = "", ""
    for message in body["messages"]:
        if message["role"] != "user":
            continue
        content = message["content"]
        plain: list[Any] = [{"type": "text", "text": content}]
        parts: list[Any] = plain if isinstance(content, str) else content
        for part in parts:
            if part["type"] == "text":
                text += part["text"]
            else:
                picture = part["image_url"]["url"].split(",", 1)[1]
    return (match[1] if match else "unknown"), text, picture


def section(text: str, name: str) -> str:
    """One labelled section of a role's message."""
    match = re.search(rf"<{name}>\n(.*?)\n</{name}>", text, re.DOTALL)
    return match[1] if match else ""
