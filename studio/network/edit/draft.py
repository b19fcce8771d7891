"""A working copy of a document that writes down each change and how to undo it."""

from __future__ import annotations

import re
from typing import Any

from studio.findings import Finding, FindingError
from studio.network.canonical import to_bytes

Json = dict[str, Any]
Tokens = list[str]


def refuse(code: str, where: str, text: str, fix: str = "") -> FindingError:
    """The error of a command that cannot be done."""
    return FindingError([Finding(code, "error", where, text, fix)])


def pointer(tokens: Tokens) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + t.replace("~", "~0").replace("/", "~1") for t in tokens)


def tokens_of(text: str) -> Tokens:
    """The parts of a JSON Pointer; refuse one that does not begin with `/`."""
    if not isinstance(text, str) or not text.startswith("/"):
        raise refuse(
            "path.pointer", "", f"“{text}” is not a JSON Pointer below the document.", "Write it like /circuits/main/nodes/exc/size."
        )
    tokens = [t.replace("~1", "/").replace("~0", "~") for t in text[1:].split("/")]
    if "__proto__" in tokens:
        raise refuse("path.pointer", "", "“__proto__” is not a key of a document.")
    return tokens


def same(a: Any, b: Any) -> bool:
    """Equal as JSON: 1 is 1.0, true is not 1."""
    return to_bytes(a) == to_bytes(b)


def copied(value: Any) -> Any:
    """A copy of a JSON value (several times faster than copy.deepcopy, which must expect anything)."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    if isinstance(value, list):
        return [copied(one) for one in value]
    return value


class Draft:
    """`document` changes; `patch` and `inverse` say how, in RFC 6902."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.patch: list[Json] = []
        self.inverse: list[Json] = []

    def get(self, tokens: Tokens, default: Any = None) -> Any:
        """What stands there, or `default`."""
        at: Any = self.document
        for token in tokens:
            if isinstance(at, dict) and token in at:
                at = at[token]
            elif isinstance(at, list) and token.isdigit() and int(token) < len(at):
                at = at[int(token)]
            else:
                return default
        return at

    def set(self, tokens: Tokens, value: Any) -> None:
        """Put a value there, with whatever parents are missing."""
        at: Any = self.document
        for depth, token in enumerate(tokens):
            last = depth == len(tokens) - 1
            if isinstance(at, dict):
                if last or token not in at:
                    return self._put(at, token, tokens[: depth + 1], _wrapped(tokens[depth + 1 :], value))
                at = at[token]
            elif isinstance(at, list):
                index = _index(at, token, tokens, append=last)
                if last:
                    return self._put_in_list(at, index, tokens[:-1], value)
                at = at[index]
            else:
                raise refuse(
                    "path.pointer", "", f"“{pointer(tokens)}” leads through “{pointer(tokens[:depth])}”, which holds a plain value."
                )
        raise refuse("path.pointer", "", "The whole document is not set at once.")

    def unset(self, tokens: Tokens) -> None:
        """Take away what stands there, if anything does."""
        parent = self.get(tokens[:-1])
        token = tokens[-1]
        if isinstance(parent, dict) and token in parent:
            old = parent.pop(token)
        elif isinstance(parent, list) and token.isdigit() and int(token) < len(parent):
            old = parent.pop(int(token))
        else:
            return
        self._log({"op": "remove", "path": pointer(tokens)}, {"op": "add", "path": pointer(tokens), "value": old})

    def _put(self, parent: Json, token: str, tokens: Tokens, value: Any) -> None:
        if token not in parent:
            self._log({"op": "add", "path": pointer(tokens), "value": copied(value)}, {"op": "remove", "path": pointer(tokens)})
        elif same(parent[token], value):
            return
        else:
            self._replace(tokens, parent[token], value)
        parent[token] = copied(value)

    def _put_in_list(self, parent: list[Any], index: int, tokens: Tokens, value: Any) -> None:
        place = [*tokens, str(index)]
        if index == len(parent):
            self._log({"op": "add", "path": pointer(place), "value": copied(value)}, {"op": "remove", "path": pointer(place)})
            parent.append(copied(value))
        elif not same(parent[index], value):
            self._replace(place, parent[index], value)
            parent[index] = copied(value)

    def _replace(self, tokens: Tokens, old: Any, new: Any) -> None:
        path = pointer(tokens)
        self._log({"op": "replace", "path": path, "value": copied(new)}, {"op": "replace", "path": path, "value": old})

    def _log(self, change: Json, undo: Json) -> None:
        self.patch.append(change)
        self.inverse.insert(0, undo)


def _wrapped(tokens: Tokens, value: Any) -> Any:
    for token in reversed(tokens):
        value = {token: value}
    return value


def _index(parent: list[Any], token: str, tokens: Tokens, append: bool) -> int:
    if append and token == "-":
        return len(parent)
    number = re.fullmatch(r"0|[1-9][0-9]{0,8}", token)
    if number and int(token) < len(parent) + append:
        return int(token)
    raise refuse("path.pointer", "", f"“{pointer(tokens)}”: a list of {len(parent)} has no place “{token}”.")
