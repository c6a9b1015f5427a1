"""The OpenAPI document as rows of a page: each method with what it can be asked and what it takes."""

from collections.abc import Iterator, Mapping
from typing import Any

FORMS = {"date": "a day: 2025-08-31", "date-time": "a moment: 2025-08-31T12:00:00Z"}
KINDS = {"boolean": "true, false", "integer": "a number", "string": "text", "array": "a list", "object": "an object"}


def groups_of(described: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What everybody may ask, and what is for who shows the token, each in the order of the document."""
    groups: dict[str, list[dict[str, Any]]] = {"For everybody": [], "For maintainers, with the token": []}
    everybody, maintainers = groups
    for path, operations in described["paths"].items():
        for verb, operation in operations.items():
            asked = [_parameter(one["name"], one) for one in operation.get("parameters", [])]
            row = {
                "verb": verb.upper(),
                "path": path,
                "summary": operation.get("description") or operation.get("summary", ""),
                "asked": asked,
                "taken": list(_taken(operation, described)),
            }
            groups[maintainers if operation.get("security") else everybody].append(row)
    return [(title, rows) for title, rows in groups.items() if rows]


def _taken(operation: Mapping[str, Any], described: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The fields of the JSON object that is sent."""
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    for name, field in _resolved(sent, described).get("properties", {}).items():
        yield _parameter(name, {"schema": _resolved(field, described)})


def _resolved(schema: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _parameter(name: str, parameter: Mapping[str, Any]) -> dict[str, str]:
    schema = parameter.get("schema", {})
    meaning = parameter.get("description") or schema.get("description", "")
    return {"name": name, "meaning": meaning, "accepted": _accepted(schema)}


def _accepted(schema: Mapping[str, Any]) -> str:
    """What is taken, in words."""
    if alternatives := [one for one in schema.get("anyOf", []) if one.get("type") != "null"]:
        return _accepted(alternatives[0])
    if words := [str(word) for word in schema.get("enum", []) if word]:
        return ", ".join(words)
    if schema.get("type") == "array" and schema.get("items"):
        return f"a list: {_accepted(schema['items'])}"
    return FORMS.get(schema.get("format", "")) or KINDS.get(schema.get("type", ""), "text")
