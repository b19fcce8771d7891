"""Writes what the front end takes from Python: the document's types and the catalogue that lies in the bundle.

`python -m studio.ui.generate` writes `widgets/core/generated/`; `--check` only says whether it is up to date (exit code 1 when not).
The files are committed, as the front end is built where no Python packages are.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from studio.models.catalogue import catalogue
from studio.network import document as network
from studio.network.canonical import to_bytes
from studio.network.values import Value
from studio.ui.ways import with_ways

COMMAND = "python -m studio.ui.generate"
FOLDER = Path(__file__).parents[2] / "widgets" / "core" / "generated"
HEADER = f"// The document as it may be written to a file. Written by `{COMMAND}` from studio/network/document.py; do not edit.\n"

Schema = Mapping[str, Any]
# unions that Python gives a name and JSON Schema writes out at each place
ALIASES = {"Value": Value, "Node": network.Node, "Copies": network.Copies}
NO_DATA = {"schema"}  # parts of a catalogue entry that no host without Python reads


def files() -> dict[str, bytes]:
    """File name -> content."""
    return {"document.ts": types().encode(), "catalogue.json": to_bytes(bundled_catalogue())}


def bundled_catalogue() -> dict[str, Any]:
    """The catalogue as the canvas receives it, less what only Python and outside tools read."""
    whole = with_ways(catalogue())
    return whole | {"entries": [{k: v for k, v in entry.items() if k not in NO_DATA} for entry in whole["entries"]]}


def types() -> str:
    """TypeScript interfaces of the document, one for each class of `studio.network.document`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydantic: a frozen mapping as default is no JSON
        whole = network.Document.model_json_schema(by_alias=True)
        unions = {name: _type(TypeAdapter(form).json_schema(), {}) for name, form in ALIASES.items()}
    names = {text: name for name, text in unions.items()}
    parts = [*whole.pop("$defs").items(), ("Document", whole)]
    aliases = [f"export type {name} = {text};" for name, text in unions.items()]
    return "\n\n".join([HEADER.rstrip(), *aliases, *(_interface(name, schema, names) for name, schema in parts)]) + "\n"


def _interface(name: str, schema: Schema, names: Mapping[str, str]) -> str:
    required = schema.get("required", ())
    lines = [f"  {key}{'' if key in required else '?'}: {_type(field, names)};" for key, field in schema["properties"].items()]
    return "\n".join([f"/** {schema['description']} */", f"export interface {name} {{", *lines, "}"])


def _type(schema: Schema, names: Mapping[str, str]) -> str:
    """A JSON Schema as a TypeScript type; raise ValueError for a form that no document uses yet."""
    text = _written_out(schema, names)
    return names.get(text, text)


def _written_out(schema: Schema, names: Mapping[str, str]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(map(_literal, schema["enum"]))
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(one, names) for one in schema[union]))
    form = schema.get("type")
    if form == "array":
        return _list(schema, names)
    if form == "object":
        values = schema.get("additionalProperties", True)
        return f"{{ [key: string]: {'unknown' if values is True else _type(values, names)} }}"
    if form is None:
        return "unknown"
    return {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}[form]


def _list(schema: Schema, names: Mapping[str, str]) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_type(item, names) for item in schema['prefixItems'])}]"
    item = _type(schema.get("items", {}), names)
    return f"({item})[]" if "|" in item else f"{item}[]"


def _literal(value: object) -> str:
    return to_bytes(value).decode().strip()


def stale() -> list[str]:
    """Names of the files that differ from what would be written."""
    return [name for name, content in files().items() if not (FOLDER / name).exists() or (FOLDER / name).read_bytes() != content]


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` say which are stale."""
    if "--check" in arguments:
        old = stale()
        if old:
            print(f"{', '.join(old)} in {FOLDER.name}: not up to date; run {COMMAND}")
        return int(bool(old))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
