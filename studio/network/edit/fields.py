"""`set` and `unset`: one field, by JSON Pointer."""

from __future__ import annotations

from studio.network.edit.draft import Draft, Json, Tokens, refuse, tokens_of


def set_field(draft: Draft, command: Json) -> str:
    """Put a value at a pointer."""
    tokens = _allowed(command["path"])
    draft.set(tokens, command["value"])
    return f"Set {tokens[-1]}"


def unset_field(draft: Draft, command: Json) -> str:
    """Take away what stands at a pointer; the default returns."""
    tokens = _allowed(command["path"])
    draft.unset(tokens)
    return f"Reset {tokens[-1]}"


def _allowed(path: str) -> Tokens:
    tokens = tokens_of(path)
    if tokens[0] in ("format", ""):
        raise refuse("path.pointer", "", f"“/{tokens[0]}” of a document is not set by hand.")
    return tokens
