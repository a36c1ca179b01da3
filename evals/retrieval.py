"""What memory finds: ``python -m gems.evals.retrieval [--file SET] [--embedder SPEC] [--repeats]``.

A labelled set (``retrieval.jsonl``, our own words, CC0) of requests that are kept, and of others that
ask for the same in other words, with synonyms, with the same structure and other nouns, in other
languages, or for something that nothing is kept of. They are kept in a collection on disk and recalled
as a run recalls them. ``--repeats`` counts how many of a thousand equal prompts are found instead.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..memory.chroma import ChromaExperiences
from ..memory.experiences import Experience, ExperienceStore
from ..memory.retriever import recall
from ..models.embedders.embedder import open_embedder
from ..settings import Settings, load_settings

SET = Path(__file__).with_suffix(".jsonl")
REWORDED = ("rewording", "synonyms", "structure")
"""Ways to ask for the same in one language."""
OPENINGS, REPEATS, PROMPTS = 10, 50, 20
"""A thousand experiences: of each of 20 prompts 50, a tenth of them kept each time that it is open."""


@dataclass(frozen=True)
class Query:
    """A request, and what it should find."""

    text: str
    kind: str
    """A way of asking, "unrelated", or a language's code."""
    subject: str | None
    """None: nothing should be found."""


@dataclass
class LabelledSet:
    """Requests that are kept, by subject, and what is asked for."""

    kept: dict[str, list[str]] = field(default_factory=dict)
    queries: list[Query] = field(default_factory=list)

    def add(self, line: Mapping[str, object]) -> None:
        """Adds one line of the file: a subject, or unrelated requests."""
        self.queries += [Query(text, "unrelated", None) for text in texts_in(line.get("unrelated"))]
        subject = str(line.get("subject") or "")
        if not subject:
            return
        self.kept[subject] = texts_in(line.get("stored"))
        for kind in REWORDED:
            self.queries += [Query(text, kind, subject) for text in texts_in(line.get(kind))]
        spoken = line.get("languages")
        for language, text in spoken.items() if isinstance(spoken, Mapping) else ():
            self.queries.append(Query(str(text), str(language), subject))


def texts_in(value: object) -> list[str]:
    """The texts in a list; none where it is none."""
    return [str(text) for text in value] if isinstance(value, list) else []


def read_set(path: Path) -> LabelledSet:
    """The labelled set in a JSONL file."""
    labelled = LabelledSet()
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            labelled.add(json.loads(line))
    return labelled


def experience_for(prompt: str, number: int) -> Experience:
    """A successful first picture of a run, of which only the prompt matters here."""
    return Experience(
        text="", prompt=prompt, thread=f"kept-{number}", round=1, skill="none", generator="any",
        failed=(), action="end", next_prompt=prompt, gained=0, solved=True,
    )  # fmt: skip


async def keep(store: ExperienceStore, prompts: Iterable[str]) -> None:
    """Keeps an experience a prompt."""
    for number, prompt in enumerate(prompts):
        await store.add(experience_for(prompt, number))


async def measure(store: ExperienceStore, labelled: LabelledSet) -> dict[str, list[bool]]:
    """By kind of query, whether each found its subject; of unrelated ones, whether anything was."""
    await keep(store, (text for texts in labelled.kept.values() for text in texts))
    found: dict[str, list[bool]] = defaultdict(list)
    for query in labelled.queries:
        recalled = await recall(lambda: store, query.text, "any", True)
        requests = [row["request"] for row in recalled.experiences]
        wanted = labelled.kept.get(query.subject or "")
        hit = bool(requests) if wanted is None else any(text in wanted for text in requests)
        found[query.kind].append(hit)
    return found


def report(found: Mapping[str, Sequence[bool]]) -> list[str]:
    """The figures, a line each: those with bars first."""
    languages = [kind for kind in found if kind not in (*REWORDED, "unrelated")]
    lines = [
        line_of("rewordings found", [hit for kind in REWORDED for hit in found.get(kind, ())]),
        line_of("in other languages", [hit for kind in languages for hit in found[kind]]),
        line_of("false recalls", found.get("unrelated", ())),
    ]
    return lines + [line_of(f"  {kind}", found[kind]) for kind in found if kind != "unrelated"]


def line_of(name: str, hits: Sequence[bool]) -> str:
    """One figure: share, and the count behind it."""
    share = 100 * sum(hits) / len(hits) if hits else 0.0
    return f"{name:22} {share:5.1f}%  ({sum(hits)} of {len(hits)})"


async def count_repeats(folder: Path, settings: Settings) -> int:
    """How many of a thousand experiences, kept over ten openings, their prompts find."""
    prompts = [text for texts in read_set(SET).kept.values() for text in texts][:PROMPTS]
    store, share = ChromaExperiences(open_embedder(settings), folder), REPEATS // OPENINGS
    for opening in range(OPENINGS):
        for number in range(opening * share, (opening + 1) * share):
            for prompt in prompts:
                await store.add(experience_for(prompt, prompts.index(prompt) * REPEATS + number))
        await store.aclose()
    found = 0
    for prompt in prompts:
        recalled = await store.similar(prompt, "any", REPEATS)
        found += len({item.experience.id for item in recalled if item.experience.prompt == prompt})
    await store.aclose()
    return found


async def run(folder: Path, settings: Settings, labelled: LabelledSet) -> list[str]:
    """The figures of a labelled set."""
    store = ChromaExperiences(open_embedder(settings), folder)
    try:
        return report(await measure(store, labelled))
    finally:
        await store.aclose()


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=SET, help="a set of your own, in the same form")
    parser.add_argument("--embedder", help="instead of GEMS_EMBEDDER's")
    parser.add_argument("--repeats", action="store_true", help="count the exact repeats that are found")
    options = parser.parse_args()
    settings = load_settings()
    if options.embedder:
        settings = settings.model_copy(update={"embedder": options.embedder})
    with tempfile.TemporaryDirectory() as folder:
        if options.repeats:
            found = asyncio.run(count_repeats(Path(folder), settings))
            print(f"exact repeats found: {found} of {REPEATS * PROMPTS}, kept over {OPENINGS} openings")
            return
        print(*asyncio.run(run(Path(folder), settings, read_set(options.file))), sep="\n")


if __name__ == "__main__":
    main()
