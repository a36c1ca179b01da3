"""What is known of a run beside its checkpoints, and what runs may be called."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from ..errors import InputError, RunError
from ..models.text import clean

THREAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


Entered = Literal["before", "named", "unnamed"]
"""How an entry came to be: earlier, or just now, by a name of the caller's or one made up."""


class RunRecord(BaseModel):
    """What is known of a run beside its checkpoints."""

    thread_id: str
    prompt: str
    context: dict[str, Any]
    """The options it runs with: the fields of ``RunContext`` that are not at their defaults."""
    created: float
    """Seconds since the epoch."""
    version: str
    out: str | None = None
    """Folder that the best picture is copied to."""
    outcome: str | None = None
    """None, as all below, while the run is unfinished."""
    image: str | None = None
    """Path of the best picture."""
    passed: int | None = None
    """Requirements that it passes."""
    total: int | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
    """What a person thinks of it, in stars; None: nobody said."""
    turns: list[str] = []
    """What was said after the prompt, once there was a picture: a follow-up each."""
    said: str = Field(default="", exclude=True)
    """A follow-up that is about to begin."""
    afresh: bool = False
    """What checkpoints its name has are another run's, and are deleted when it begins."""
    entered: Entered = Field(default="before", exclude=True)

    @property
    def words(self) -> str:
        """What was said last."""
        return self.turns[-1] if self.turns else self.prompt

    @property
    def file(self) -> str:
        """What the copy of the picture is called; a follow-up leaves the one before it."""
        number = len(self.turns) + 1
        return f"{self.thread_id}.png" if number == 1 else f"{self.thread_id}-{number}.png"


def record_from(data: bytes, name: str, created: float) -> RunRecord:
    """An entry, of this version or another: fields that are not known here are passed over, and those
    that every version could do without have defaults.

    Raises:
        ValueError: it is no entry.
    """
    fields = json.loads(data)
    if not isinstance(fields, dict):
        raise ValueError("no object")
    usual = {"context": {}, "created": created, "version": "unknown"}
    # json.loads, unlike pydantic, reads the lone surrogates that an earlier version let pass.
    own = {"prompt": clean(fields.get("prompt")), "thread_id": name, "entered": "before"}
    own |= {"turns": clean(fields.get("turns") or [])}
    return RunRecord.model_validate({**usual, **fields, **own})


def read_record(path: Path) -> RunRecord:
    """The entry in a file; see ``record_from``.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no entry.
    """
    return record_from(path.read_bytes(), path.stem, path.stat().st_mtime)


def written(record: RunRecord) -> bytes:
    """An entry as it is kept."""
    return record.model_dump_json(indent=1).encode("utf-8", "replace")


def check_name(thread_id: str) -> str:
    """A thread's name, as it is.

    Raises:
        InputError: it cannot be one.
    """
    if not THREAD.fullmatch(thread_id):
        raise InputError(
            f"{thread_id[:60]!r} cannot name a thread: use up to 120 letters, digits, . _ and -"
        )
    return thread_id


def name_thread(prompt: str, context: dict[str, Any], unique: bool = False) -> str:
    """A readable thread id that follows from prompt and options, so that the same run elsewhere is
    called the same; with ``unique`` a random part is added."""
    words = re.findall(r"[a-z0-9]+", prompt.lower())
    slug = "-".join(words)[:40].strip("-") or "run"
    text = json.dumps([prompt, context], sort_keys=True, ensure_ascii=False)
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=3).hexdigest()
    return f"{slug}-{digest}" + (f"-{secrets.token_hex(3)}" if unique else "")


def taken(name: str) -> InputError:
    """What somebody is told who wants a name that is another run's."""
    return InputError(
        f"the thread {name!r} exists: `gems resume {name}` goes on with it, another --thread starts "
        "afresh, --fresh does under this name"
    )


def unknown(thread_id: str) -> RunError:
    """What somebody is told who asks for a run that there is not."""
    return RunError(f"no run is called {thread_id!r}: `gems runs` lists them")
