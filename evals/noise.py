"""A weak MLLM made from a good one: verdicts flipped or withheld, prompts that lose something.

For measuring what a loop does with a judge that errs: the figures come from a scorer that does not.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..models.chat.mllm import MLLM, AnswerT, Reply, Role


@dataclass(frozen=True)
class Noise:
    """Probabilities, 0..1."""

    judge: float = 0.0
    """That yes becomes no, or no becomes yes."""
    blind: float = 0.0
    """That a verdict is withheld: cannot tell."""
    writer: float = 0.0
    """That a prompt which a role writes loses a part, and a quotation from it a word."""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def label(self) -> str:
        """ "judge20-writer10": what is noisy, in percent; empty: nothing."""
        return "-".join(f"{name}{round(100 * value)}" for name, value in asdict(self).items() if value)


NO_NOISE = Noise()


class NoisyMLLM:
    """Spoils the answers of another MLLM; see ``MLLM``.

    What is spoilt follows from the seed, the picture, the question and how often it was asked about
    that picture: the same run is spoilt in the same way, and asking twice is asking twice. Pictures
    are told apart by their files' names, which are hashes of what is in them.
    """

    def __init__(self, mllm: MLLM, noise: Noise, seed: int) -> None:
        self.name = mllm.name
        self._mllm = mllm
        self._noise = noise
        self._seed = seed
        self._asked: Counter[str] = Counter()

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``."""
        reply = await self._mllm.ask(role, fields, images, max_requests=max_requests)
        about = f"{role.name}|{images[-1].name if images else ''}|{fields}"
        spoilt = self._spoil(role.name, reply.answer.model_dump(), about)
        answer = role.answer.model_validate(spoilt)
        return Reply(answer, reply.reasoning, reply.cost)

    def _spoil(self, role: str, answer: dict[str, Any], about: str) -> dict[str, Any]:
        if role == "verifier":
            return self._look(answer, about)
        if role == "verifier_all":
            looks = [self._look(look, f"{about}|{look['number']}") for look in answer["verdicts"]]
            return {"verdicts": looks}
        if "prompt" in answer:
            return self._write(answer, about)
        return answer

    def _look(self, look: dict[str, Any], about: str) -> dict[str, Any]:
        """A look with its verdict spoilt, if luck will; its reason, which would give it away, is gone
        then."""
        verdict = self._verdict(look["verdict"], about)
        return (
            look if verdict == look["verdict"] else {**look, "verdict": verdict, "reason": "a glance"}
        )

    def _verdict(self, verdict: str, about: str) -> str:
        chance = self._chance(about)
        if chance.random() < self._noise.blind:
            return "cannot_tell"
        if chance.random() < self._noise.judge:
            return {"yes": "no", "no": "yes"}.get(verdict, verdict)
        return verdict

    def _write(self, answer: dict[str, Any], about: str) -> dict[str, Any]:
        chance = self._chance(about)
        if chance.random() >= self._noise.writer:
            return answer
        parts = str(answer["prompt"]).split(", ")
        if len(parts) > 1:
            parts.pop(chance.randrange(len(parts)))
        covers = [
            {**cover, "quote": misquoted(cover["quote"], chance)} for cover in answer.get("covers", [])
        ]
        return {**answer, "prompt": ", ".join(parts), **({"covers": covers} if covers else {})}

    def _chance(self, about: str) -> random.Random:
        """Luck that follows from what is asked, and how often it was."""
        self._asked[about] += 1
        text = f"{self._seed}|{about}|{self._asked[about]}".encode("utf-8", "replace")
        return random.Random(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big"))


def misquoted(quote: str, chance: random.Random) -> str:
    """``quote`` without one of its words."""
    words = quote.split()
    if len(words) > 1:
        words.pop(chance.randrange(len(words)))
    return " ".join(words)


def noisy(mllm: MLLM, noise: Noise, seed: int) -> MLLM:
    """``mllm``, spoilt where there is noise."""
    return NoisyMLLM(mllm, noise, seed) if noise else mllm
