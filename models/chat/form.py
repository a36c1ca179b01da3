"""The form of an answer as a model reads it: an example with gaps, a third as long as its schema."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from .answers import strict_schema

DEEPEST = 8
"""Objects in objects; a form that goes deeper contains itself."""


def form_text(answer: type[BaseModel]) -> str:
    """How an answer is laid out: ``{"reason": "<why>", "verdict": "yes" | "no"}``. What the form cannot
    say is a JSON schema."""
    schema = strict_schema(answer)
    try:
        return shown(schema, schema.get("$defs", {}), 0)
    except RecursionError:
        return json.dumps(schema, ensure_ascii=False)


def shown(node: dict[str, Any], defs: dict[str, Any], depth: int) -> str:
    """One part of a schema as text.

    Raises:
        RecursionError: it contains itself.
    """
    if depth > DEEPEST:
        raise RecursionError
    if "$ref" in node:
        return shown(defs[node["$ref"].rpartition("/")[2]], defs, depth + 1)
    if "properties" in node:
        fields = [
            f'"{name}": {shown(part, defs, depth + 1)}' for name, part in node["properties"].items()
        ]
        return "{" + ", ".join(fields) + "}"
    if node.get("type") == "array":
        return f"[{shown(node.get('items', {}), defs, depth + 1)}, ...]"
    return leaf(node)


def leaf(node: dict[str, Any]) -> str:
    """A part that holds no others, with what is said of it; choices that this tells one by one are not
    listed once more."""
    about = " ".join(str(node.get("description", "")).split())
    if "enum" in node and all(f"{value}:" in about for value in node["enum"]):
        return f'"<one of: {about}>"'
    if "enum" in node:
        choices = " | ".join(json.dumps(value, ensure_ascii=False) for value in node["enum"])
        return f"{choices} <{about}>" if about else choices
    kinds = [str(part.get("type")) for part in node.get("anyOf", [node])]
    known = {"string", "integer", "number", "boolean", "null"}
    if not known.issuperset(kinds):
        return json.dumps(node, ensure_ascii=False)
    if kinds == ["string"]:
        return f'"<{about}>"' if about else '"<text>"'
    kind = " or ".join(kinds)
    return f"<{kind}: {about}>" if about else f"<{kind}>"
