"""How much of a prompt a pipeline's text encoders read, counted with its own tokenizers.

What lies beyond is cut off by the pipeline without a word: prompts that differ only there draw
identical pictures.
"""

from __future__ import annotations

import inspect
import logging
from typing import Any, NamedTuple

from ..presets import Preset

NAMES = ("tokenizer", "tokenizer_2", "tokenizer_3", "tokenizer_4")
"""What pipelines call their tokenizers."""
ENDLESS = 100_000
"""A tokenizer that names no limit of its own names a number far beyond this."""
MARK = "\N{SYMBOL FOR UNIT SEPARATOR}"
"""Stands for the prompt where a template is looked at."""
SHOWN = 80
"""Characters of the unread end that a note repeats."""

logger = logging.getLogger("gems.diffusers")


class Reader(NamedTuple):
    """One tokenizer of a pipeline, and how many tokens of a prompt get through it."""

    tokenizer: Any
    room: int


def unread(pipeline: Any, preset: Preset, prompt: str) -> tuple[str, ...]:
    """What to tell of a prompt whose end no text encoder reads; nothing where all of it is read."""
    # Tokenizers are as many as models; one that cannot be asked this way must not cost the picture.
    try:
        reader = widest(pipeline, preset)
        tokens = tokens_of(reader.tokenizer, prompt) if reader else []
        if reader is None or len(tokens) <= reader.room:
            return ()
        end = " ".join(reader.tokenizer.decode(tokens[reader.room :]).split())
    except Exception:
        logger.debug("the prompt's tokens could not be counted", exc_info=True)
        return ()
    shown = end if len(end) <= SHOWN else f"{end[:SHOWN]}..."
    return (
        f"the prompt has {len(tokens)} tokens and the model reads {reader.room}: what comes after has "
        f"no effect ({shown!r}); shorten it or put that first",
    )


def prompt_room(pipeline: Any, preset: Preset) -> int | None:
    """How many tokens of a prompt are read; None: not known, or no limit."""
    try:
        reader = widest(pipeline, preset)
    except Exception:
        logger.debug("the limit of prompts could not be found", exc_info=True)
        return None
    return reader.room if reader else None


def widest(pipeline: Any, preset: Preset) -> Reader | None:
    """The tokenizer that lets most of a prompt through: what it cuts off, the others cut off, too.
    None: one has no limit, or there is none."""
    tokenizers = [found for name in NAMES if (found := getattr(pipeline, name, None)) is not None]
    rooms = [room_of(pipeline, preset, tokenizer) for tokenizer in tokenizers]
    readers = [
        Reader(tokenizer, max(room, 1))
        for tokenizer, room in zip(tokenizers, rooms, strict=True)
        if room is not None
    ]
    if not readers or len(readers) < len(tokenizers):
        return None
    return max(readers, key=lambda reader: reader.room)


def room_of(pipeline: Any, preset: Preset, tokenizer: Any) -> int | None:
    """How many of a prompt's tokens get through one tokenizer as the pipeline uses it."""
    length = int(tokenizer.model_max_length)
    own = length if length < ENDLESS else None
    # CLIP reads its own length, whatever the pipeline's longer encoder beside it is given.
    limit = own if "CLIP" in type(tokenizer).__name__ else called_with(pipeline, preset) or own
    if limit is None:
        return None
    dropped = getattr(pipeline, "prompt_template_encode_start_idx", None)
    if dropped is not None:
        # Qwen-Image cuts its template off again before it counts: as long as that should be.
        before = str(pipeline.prompt_template_encode).partition("{}")[0]
        return limit + int(dropped) - len(tokens_of(tokenizer, before))
    return limit - (template_length(tokenizer) if templated(pipeline, tokenizer) else marks(tokenizer))


def called_with(pipeline: Any, preset: Preset) -> int | None:
    """The longest sequence that the pipeline is asked to encode."""
    chosen = preset.call.get("max_sequence_length")
    if isinstance(chosen, int):
        return chosen
    parameter = inspect.signature(pipeline.__call__).parameters.get("max_sequence_length")
    return parameter.default if parameter and isinstance(parameter.default, int) else None


def templated(pipeline: Any, tokenizer: Any) -> bool:
    """Whether the pipeline wraps prompts in the tokenizer's chat template: Z-Image and its kin do,
    others carry a template that they never use."""
    kind = type(pipeline).__name__
    return kind.startswith(("ZImage", "Flux2")) and bool(getattr(tokenizer, "chat_template", None))


def template_length(tokenizer: Any) -> int:
    """How many tokens stand before the prompt in a chat template; those after it are cut off first."""
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": MARK}], tokenize=False, add_generation_prompt=True,
        enable_thinking=True,
    )  # fmt: skip
    before = str(text).partition(MARK)[0]
    return len(tokenizer(before, verbose=False)["input_ids"]) if before else marks(tokenizer)


def marks(tokenizer: Any) -> int:
    """How many tokens of its own a tokenizer sets around a text."""
    return int(tokenizer.num_special_tokens_to_add())


def tokens_of(tokenizer: Any, prompt: str) -> list[int]:
    """A prompt's tokens, all of them, without the tokenizer's own marks."""
    found = tokenizer(prompt, add_special_tokens=False, truncation=False, verbose=False)
    return list(found["input_ids"])
