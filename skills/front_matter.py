"""The text of a ``SKILL.md``: read, cleaned, and split into front matter and instructions.

Only two texts of the front matter matter, so it is read as a stream of YAML events: nothing is built,
every value stays text, and no file can cost more than its size. What is no YAML is read line by line,
since most such files only have a colon in an unquoted description.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from ..errors import StorageError

FILE_LIMIT = 1 << 20
"""Bytes. No model reads instructions of a megabyte."""
HEAD_LIMIT, DEPTH_LIMIT = 1 << 15, 20
"""Characters of front matter, and levels of nesting in it, that are read as YAML."""

UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML forbids, a terminal obeys or UTF-8 cannot carry."""
FIELD = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*))?")
BLOCK = re.compile(r"[|>][0-9+-]{0,2}")
NULLS = {"", "~", "null", "Null", "NULL"}


def clean(text: str) -> str:
    """``text`` without control characters, escape sequences' beginnings and lone surrogates."""
    return UNPRINTABLE.sub("", text)


def shown(path: Path | str) -> str:
    """A path that can be printed: bytes of its name that are no UTF-8 become question marks."""
    return clean(os.fsencode(path).decode("utf-8", "replace"))


def is_file(path: Path) -> bool:
    """Whether there is a regular file, also behind a link. One that cannot be asked is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def skill_file(folder: Path) -> Path | None:
    """The ``SKILL.md`` of a folder, in whatever case; None: there is none, or none to be seen."""
    if is_file(folder / "SKILL.md"):
        return folder / "SKILL.md"
    try:
        files = sorted(path for path in folder.iterdir() if path.name.casefold() == "skill.md")
    except OSError:
        return None
    return next((file for file in files if is_file(file)), None)


def read_skill(folder: Path) -> tuple[str, str]:
    """The front matter and the instructions of the skill in ``folder``, without control characters.

    Raises:
        StorageError: there is no such file any more, it cannot be read, is too large or no UTF-8.
    """
    file = skill_file(folder)
    if file is None:
        raise StorageError(f"there is no SKILL.md in {shown(folder)}")
    try:
        with file.open("rb") as stream:
            data = stream.read(FILE_LIMIT + 1)
        text = data.decode("utf-8-sig")
    except OSError as exc:
        raise StorageError(f"cannot read {shown(file)}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise StorageError(f"{file.name} is no UTF-8 at byte {exc.start}: save it as UTF-8") from exc
    if len(data) > FILE_LIMIT:
        raise StorageError(f"{file.name} has more than {FILE_LIMIT:,} bytes: shorten it")
    return split_front_matter(clean(text.replace("\r\n", "\n").replace("\r", "\n")))


def split_front_matter(text: str) -> tuple[str, str]:
    """What stands between the leading ``---`` lines, and the rest. No front matter: ``("", text)``."""
    lines = text.strip().split("\n")
    if lines[0].rstrip() == "---":
        for number, line in enumerate(lines[1:], 1):
            if line.rstrip() == "---":
                return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]).strip()
    return "", text.strip()


def read_fields(head: str) -> tuple[dict[str, str], str]:
    """The texts of the front matter by name, and what is wrong with it: "" if nothing is.

    Values that are no text are left out.
    """
    if not head.strip():
        return {}, "has no front matter: begin with lines of ---, name: and description:, and ---"
    try:
        fields, problem = yaml_fields(head), ""
    except yaml.MarkedYAMLError as exc:
        where = f" (line {exc.problem_mark.line + 2})" if exc.problem_mark else ""
        fields, problem = loose_fields(head), f"front matter is no YAML: {exc.problem}{where}"
    except (yaml.YAMLError, ValueError, OverflowError) as exc:
        fields, problem = loose_fields(head), f"front matter is no YAML: {exc}"
    return {name: clean(value) for name, value in fields.items()}, " ".join(clean(problem).split())


def yaml_fields(head: str) -> dict[str, str]:
    """The texts at the top of a YAML mapping; of a name that comes twice, the later.

    Raises:
        YAMLError: it is no YAML.
        ValueError, OverflowError: it is no mapping, too long, too deep, or escapes no character.
    """
    if len(head) > HEAD_LIMIT:
        raise ValueError(f"it has {len(head):,} characters, at most {HEAD_LIMIT:,} are read as such")
    events = iter(yaml.parse(head, Loader=yaml.SafeLoader))
    top = next((event for event in events if isinstance(event, yaml.NodeEvent)), None)
    if not isinstance(top, yaml.MappingStartEvent):
        raise ValueError("it is no list of names and values")
    anchors: dict[str, str] = {}
    fields: dict[str, str] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        name = text_of(event, events, anchors)
        value = text_of(next(events), events, anchors)
        if name is not None and value is not None:
            fields[name] = value
    return fields


def text_of(event: yaml.Event, events: Iterator[yaml.Event], anchors: dict[str, str]) -> str | None:
    """The text that begins with ``event``; a list or mapping is passed over, and gives None.

    Raises:
        ValueError: it is nested too deep.
    """
    if isinstance(event, yaml.AliasEvent):
        return anchors.get(event.anchor or "")
    if isinstance(event, yaml.ScalarEvent):
        return scalar(event, anchors)
    depth = 1
    while depth:
        event = next(events)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_LIMIT:
            raise ValueError(f"it is nested more than {DEPTH_LIMIT} deep")
        if isinstance(event, yaml.ScalarEvent):
            scalar(event, anchors)
    return None


def scalar(event: yaml.ScalarEvent, anchors: dict[str, str]) -> str | None:
    """A scalar's text, whatever its tag says; None for YAML's null. Its anchor is noted."""
    if event.style is None and event.value in NULLS:
        return None
    text = str(event.value)
    if event.anchor:
        anchors[event.anchor] = text
    return text


def loose_fields(head: str) -> dict[str, str]:
    """``name: value`` lines at the margin, with the indented lines that follow them."""
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in head.split("\n"):
        if match := FIELD.fullmatch(line.rstrip()):
            lines = parts[match[1]] = [match[2] or ""]
        elif line[:1] in (" ", "\t"):
            lines.append(line.strip())
    return {name: unquoted(values) for name, values in parts.items()}


def unquoted(lines: list[str]) -> str:
    """Lines as one text, without the marks of a YAML block or quotes around it."""
    if BLOCK.fullmatch(lines[0].strip()):
        lines = lines[1:]
    text = " ".join(lines).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
