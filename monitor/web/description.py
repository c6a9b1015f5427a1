"""The application, whose description of its interface promises what is answered and nothing else: faults in one form,
and a token where one is asked for."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

FAULTS = ("400", "401", "403", "404", "409")
NEVER = "422"
"""What FastAPI answers to a question that it does not understand; here that is 400, with `problems` in words."""
UNUSED = ("HTTPValidationError", "ValidationError")
TOKEN = "token"


class Fault(BaseModel):
    """What went wrong: the status, what that means, and in words what was expected and found."""

    status: int
    title: str
    problems: list[str]


class Faulty(BaseModel):
    """The body of every answer that is a fault."""

    error: Fault


class Application(FastAPI):
    """FastAPI with a true description."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is not None:
            return self.openapi_schema
        described = super().openapi()
        parts = described.setdefault("components", {})
        schemas = parts.setdefault("schemas", {})
        form = Faulty.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= form.pop("$defs") | {"Faulty": form}
        for name in UNUSED:
            schemas.pop(name, None)
        said = {"type": "http", "scheme": "bearer", "description": "The text of THERAWATCH_API_TOKEN."}
        parts["securitySchemes"] = {TOKEN: said}
        for operations in described["paths"].values():
            for operation in operations.values():
                _mend(operation)
        return described


def _mend(operation: dict[str, Any]) -> None:
    answers: dict[str, Any] = operation["responses"]
    answers.pop(NEVER, None)
    for status in FAULTS:
        if status in answers:
            answers[status]["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/Faulty"}}}
    if "401" in answers:
        operation["security"] = [{TOKEN: []}]
