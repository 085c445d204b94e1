"""Generated files of the console: docs/reference/http-console.md, and types.d.ts and reasons.js of the page.

`python -m app.api.reference` writes them; tests compare.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.api.openapi import document
from app.api.static_files import WEB_DIR
from schemas.codes.reason import REASON_HELP

ROOT: Final = Path(__file__).parent.parent.parent
MARKDOWN: Final = ROOT / "docs" / "reference" / "http-console.md"
TYPES: Final = WEB_DIR / "types.d.ts"
REASONS: Final = WEB_DIR / "reasons.js"

_HEAD: Final = """# HTTP API of the console

This page is generated from the code: do not edit it. `GET /openapi.json` of a running console returns the same as
OpenAPI 3.1.

- Operations under `/api` need the session cookie, which `POST /api/login` sets. In demo mode on a loopback address the
  console is open without login.
- `POST` requests need the content type `application/json`.
- An error is JSON with one sentence in `error`. `field` names the parameter that is wrong, where there is one.
- Times are RFC 3339 in UTC, amounts are decimal strings, and tokens are masked ids.
"""
_TYPES_HEAD: Final = """/**
 * Messages of the server. Generated from the structs of app/api and schemas: do not edit
 * (`python -m app.api.reference`).
 */

/** A payment that is or was suspect: its newest verdict. */
export type Case = Verdict;
"""
_REASONS_HEAD: Final = """/**
 * Meanings of the reason codes. Generated from schemas/codes/reason.py: do not edit
 * (`python -m app.api.reference`).
 */

/** @type {Record<string, string>} */
export const REASONS = {"""
_LINE_LENGTH: Final = 120


def http_console_document() -> str:
    """Return docs/reference/http-console.md."""
    described = document()
    return "\n".join([_HEAD, *_operations(described["paths"]), *_schemas(described["components"]["schemas"])])


def typescript_types() -> str:
    """Return app/api/web/types.d.ts, formatted as prettier does."""
    schemas: dict[str, dict[str, Any]] = document()["components"]["schemas"]
    return "\n".join([_TYPES_HEAD, *[_declaration(name, schema) for name, schema in schemas.items()]])


def reason_labels() -> str:
    """Return app/api/web/reasons.js, formatted as prettier does."""
    return "\n".join([_REASONS_HEAD, *(_property(code.value, text) for code, text in REASON_HELP.items()), "};\n"])


def write() -> None:
    """Write the files."""
    MARKDOWN.parent.mkdir(parents=True, exist_ok=True)
    MARKDOWN.write_text(http_console_document(), encoding="utf-8")
    TYPES.write_text(typescript_types(), encoding="utf-8")
    REASONS.write_text(reason_labels(), encoding="utf-8")


def _operations(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    heading = ""
    for path, methods in paths.items():
        for method, one in methods.items():
            if one["tags"] != [heading]:
                (heading,) = one["tags"]
                yield f"## {heading}\n"
            yield f"### `{method.upper()} {path}`\n"
            yield " ".join([one["summary"], one.get("description", "")]).strip() + "\n"
            yield from _parameters(one)
            yield from _responses(one)


def _parameters(one: Mapping[str, Any]) -> Iterator[str]:
    if "requestBody" in one:
        yield f"Body: {_name_in(one['requestBody']['content']['application/json']['schema'])}.\n"
    rows = [
        f"| `{parameter['name']}` | {parameter['in']} | {_cell(parameter['schema'])} | {parameter['description']} |"
        for parameter in one.get("parameters", ())
    ]
    if rows:
        yield "\n".join(["| parameter | in | type | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _responses(one: Mapping[str, Any]) -> Iterator[str]:
    rows, events = [], {}
    for status, response in one["responses"].items():
        ((media_type, content),) = response.get("content", {"": {}}).items()
        schema = content.get("schema", {})
        events |= schema.get("x-events", {})
        body = "" if not media_type else _name_in(schema) if "$ref" in schema else f"`{media_type}`"
        rows.append(f"| {status} | {body} | {response['description']} |")
    yield "\n".join(["| status | body | meaning |", "|---|---|---|", *rows]) + "\n"
    if events:
        names = [f"| `{name}` | {_name_in(schema)} |" for name, schema in events.items()]
        yield "\n".join(["| event | body |", "|---|---|", *names]) + "\n"


def _schemas(schemas: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "## Messages\n"
    for name, schema in schemas.items():
        yield f"### {name}\n"
        if "description" in schema:
            yield f"{schema['description']}\n"
        if "enum" in schema:
            yield f"One of {', '.join(f'`{value}`' for value in schema['enum'])}.\n"
            continue
        required = schema.get("required", [])
        rows = [
            f"| `{field}`{'' if field in required else ' (optional)'} | {_cell(of)} |"
            for field, of in schema["properties"].items()
        ]
        yield "\n".join(["| field | type |", "|---|---|", *rows]) + "\n"


def _name_in(schema: Mapping[str, Any]) -> str:
    name = schema["$ref"].rpartition("/")[2]
    return f"[{name}](#{name.lower()})"


def _cell(schema: Mapping[str, Any]) -> str:
    """Return the type of a value in words, with its limits."""
    if "$ref" in schema:
        return _name_in(schema)
    if "anyOf" in schema:
        return " or ".join(_cell(one) for one in schema["anyOf"])
    if "enum" in schema:
        text = " ".join(f"`{value}`" for value in schema["enum"])
    elif schema["type"] == "array":
        text = f"list of {_cell(schema['items'])}"
    elif schema["type"] == "object" and "additionalProperties" in schema:
        text = f"object of {_cell(schema['additionalProperties'])} by name"
    else:
        text = str(schema["type"])
    return text + _limits(schema)


def _limits(schema: Mapping[str, Any]) -> str:
    limits = [
        f"{schema['minimum']} to {schema['maximum']}" if "maximum" in schema else None,
        f"at most {schema['maxLength']} characters" if "maxLength" in schema else None,
        str(schema["format"]) if "format" in schema else None,
        f"default `{schema['default']}`" if "default" in schema else None,
    ]
    return "".join(f", {limit}" for limit in limits if limit is not None)


def _declaration(name: str, schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return _union(name, [f'"{value}"' for value in schema["enum"]])
    required = schema.get("required", [])
    fields = [
        f"  {field}{'' if field in required else '?'}: {_typescript(of)};" for field, of in schema["properties"].items()
    ]
    return "\n".join([f"export interface {name} {{", *fields, "}\n"])


def _property(name: str, text: str) -> str:
    line = f'  {name}: "{text}",'
    return line if len(line) <= _LINE_LENGTH else f'  {name}:\n    "{text}",'


def _union(name: str, values: list[str]) -> str:
    line = f"export type {name} = {' | '.join(values)};"
    if len(line) <= _LINE_LENGTH:
        return f"{line}\n"
    return "\n".join([f"export type {name} =", *(f"  | {value}" for value in values)]) + ";\n"


def _typescript(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(_typescript(one) for one in schema["anyOf"])
    if schema["type"] == "array":
        return f"{_typescript(schema['items'])}[]"
    if schema["type"] == "object":
        return f"Record<string, {_typescript(schema['additionalProperties'])}>"
    return {"integer": "number"}.get(schema["type"], str(schema["type"]))


if __name__ == "__main__":
    write()
