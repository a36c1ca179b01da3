"""Forms of SKILL.md that were met in public collections, or could be: for tests of what reads them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

BOMB = "\n".join(
    [
        "a0: &a0 [lol, lol]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
        "m0: &m0 {k: v}",
        *(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}" for n in range(1, 12)),
    ]
)


def text_of(
    name: str = "wild", description: str = "does it", body: str = "Do it.", more: str = ""
) -> str:
    return f"---\nname: {name}\ndescription: {description}\n{more}---\n\n{body}\n"


class Form(NamedTuple):
    """A file in the folder ``wild``."""

    text: str | bytes
    says: str
    """What `gems skills validate` says of it, in part."""
    name: str | None = "wild"
    """What the skill is called; None: no run can use it."""
    conforms: bool = False

    @property
    def data(self) -> bytes:
        return self.text if isinstance(self.text, bytes) else self.text.encode("utf-8")


FORMS = {
    "584 lines": Form(text_of(body="x\n" * 584), "ok; warning: has 584 lines", conforms=True),
    "501 lines": Form(text_of(body="x\n" * 501), "recommended are 500 at most", conforms=True),
    "500 lines": Form(text_of(body="x\n" * 500), "wild: ok\n", conforms=True),
    "byte order mark": Form(b"\xef\xbb\xbf" + text_of().encode(), "wild: ok\n", conforms=True),
    "windows line ends": Form(text_of().replace("\n", "\r\n"), "wild: ok\n", conforms=True),
    "old mac line ends": Form(text_of().replace("\n", "\r"), "wild: ok\n", conforms=True),
    "blank lines first": Form("\n\n" + text_of(), "wild: ok\n", conforms=True),
    "folded description": Form(text_of(description=">-\n  does\n  it"), "wild: ok\n", conforms=True),
    "rule in block": Form(text_of(description="|\n  does\n  ---\n  it"), "wild: ok\n", conforms=True),
    "fields of others": Form(
        text_of(more="allowed-tools: [Bash, Read]\nhooks: {a: [{b: c}]}\n"), "ok\n", conforms=True
    ),
    "tag": Form(
        text_of(description="!!python/object/apply:os.system [ls]"), "description is missing", None
    ),
    "tagged text": Form(text_of(description="!!timestamp whenever"), "wild: ok\n", conforms=True),
    "impossible date": Form(text_of(more="created: 2024-13-45\n"), "wild: ok\n", conforms=True),
    "date as description": Form(text_of(description="2024-01-01"), "wild: ok\n", conforms=True),
    "alias": Form("---\nname: &n wild\ndescription: *n\n---\nDo it.", "wild: ok\n", conforms=True),
    "alias of nothing": Form(text_of(description="*nothing"), "description is missing", None),
    "bomb": Form(text_of(more=BOMB + "\n"), "wild: ok\n", conforms=True),
    "name is a bomb": Form(
        f"---\n{BOMB}\nname: *a11\ndescription: x\n---\nDo it.", "name is missing; use wild"
    ),
    "list contains itself": Form(text_of(more="loop: &l [*l]\n"), "wild: ok\n", conforms=True),
    "keys that are lists": Form(text_of(more="? [a, b]\n: c\n"), "wild: ok\n", conforms=True),
    "deep": Form(
        text_of(more="deep: " + "[" * 9000 + "]" * 9000 + "\n"), "nested more than 20 deep; used"
    ),
    "deep and open": Form(text_of(more="deep: " + "[" * 9000 + "\n"), "no YAML"),
    "long front matter": Form(
        text_of(more=f"license: {'x' * 70_000}\n"), "at most 32,768 are read as such"
    ),
    "huge": Form(text_of(body="x" * 1_100_000), "more than 1,048,576 bytes: shorten it", None),
    "colon": Form(text_of(description="Use when: a cat"), "front matter is no YAML: mapping values"),
    "tab": Form("---\nname:\twild\ndescription:\tdoes it\n---\nDo it.", "no YAML"),
    "indented with tabs": Form(text_of(more="metadata:\n\tauthor: me\n"), "no YAML"),
    "quotes in quotes": Form(text_of(description='"the "best" one"'), "no YAML"),
    "escape of nothing": Form(text_of(more='x: "\\UFFFFFFFF"\n'), "no YAML"),
    "lone surrogate": Form(text_of(description='"it \\ud800 does"'), "wild: ok\n", conforms=True),
    "terminal commands": Form(
        text_of(description='"it \\e[31m does"', body="a\x1b[2Jb"), "wild: ok\n", conforms=True
    ),
    "number as name": Form(text_of("123"), "name '123' is not the folder's name 'wild'", "123"),
    "truth as name": Form(text_of("yes"), "name 'yes' is not the folder's name", "yes"),
    "list as name": Form(text_of("[a, b]"), "name is missing; use wild"),
    "no name": Form("---\ndescription: does it\n---\nDo it.", "name is missing; use wild; used"),
    "name null": Form(text_of("~"), "name is missing; use wild"),
    "other name": Form(text_of("tame"), "name 'tame' is not the folder's name 'wild'; used", "tame"),
    "spaced name": Form(text_of("Wild Things"), "is not 1 to 64 of a-z", "Wild Things"),
    "lines in name": Form(text_of('"a\\nb"'), "name 'a b' is not 1 to 64", "a b"),
    "plus in name": Form(text_of("c++"), "is not 1 to 64", "c++"),
    "long name": Form(text_of("x" * 65), "has 65 characters, not 64; use wild"),
    "name that says none": Form(
        text_of("none"), "name 'none' is a word that chooses no skill; use wild"
    ),
    "1025 characters": Form(
        text_of(description="x" * 1025), "description has 1025 characters, 1024 at most"
    ),
    "no description": Form(text_of(description=""), "description is missing; cannot be used", None),
    "no instructions": Form(text_of(body=""), "no instructions after the front matter", None),
    "no front matter": Form("nothing", "has no front matter: begin with lines of ---", None),
    "front matter not closed": Form(
        "---\nname: wild\ndescription: x\n\nDo it.", "no front matter", None
    ),
    "empty": Form("", "no front matter", None),
    "a list": Form("---\n- a\n---\nx", "it is no list of names and values", None),
    "a word": Form("---\nhello\n---\nx", "it is no list of names and values", None),
    "broken": Form("---\nname: [\n---\nx", "no YAML", None),
    "latin-1": Form(text_of(body="caf\xe9").encode("latin-1"), "is no UTF-8 at byte", None),
    "utf-16": Form(text_of().encode("utf-16"), "is no UTF-8 at byte 0: save it as UTF-8", None),
    "a picture": Form(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no UTF-8", None),
    "zeros": Form(b"\0" * 1000, "no front matter", None),
}


def write(root: Path, name: str, text: str | bytes | None = None, file: str = "SKILL.md") -> Path:
    """A skill of that name in its folder, or what ``text`` says instead."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    text = text_of(folder.name) if text is None else text
    (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder
