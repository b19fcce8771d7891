"""Text into tokens, line by line, with positions; what has no meaning here becomes a finding that says where it stands."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from studio.findings import Finding
from studio.models.language.tree import Position

MAX_CHARACTERS = 20_000
MAX_TOKENS = 4_000
KEYWORDS = frozenset({"if", "elif", "else", "and", "or", "not"})
REFUSED = {
    "for": "Loops are not part of the language.",
    "while": "Loops are not part of the language.",
    "import": "A model cannot import anything.",
    "from": "A model cannot import anything.",
    "def": "Functions cannot be defined here.",
    "lambda": "Functions cannot be defined here.",
    "class": "Classes cannot be defined here.",
    "return": "Assign to a state instead of returning a value.",
}
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|<<|>>|<=|>=|==|!=|\+=|-=|\*=|/=|[-+*/<>&|()=,:;])"
)
_INSTEAD = {
    "^": "Write powers as a ** b.",
    "%": "Write a remainder as a - b * floor(a / b).",
    "[": "There are no lists here.",
    ".": "There are no attributes here.",
    "'": "There are no strings here.",
    '"': "There are no strings here.",
}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # number | name | op | end
    text: str
    at: Position


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: how far it is indented, and its tokens. A line goes on while a parenthesis is open."""

    indent: int
    tokens: tuple[Token, ...]
    end: Position


class Refused(Exception):
    """Ends the reading of one text; turned into a finding by `read`. Never leaves the package."""

    def __init__(self, word: str, at: Position, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.word, self.at, self.text, self.fix = word, at, text, fix

    def finding(self, where: str) -> Finding:
        return Finding(f"text.{self.word}", "error", where, f"{str(self.at).capitalize()}: {self.text}", self.fix)


def lines(text: object) -> tuple[Line, ...]:
    """Cut a text into logical lines; raise Refused for an unknown character or a text beyond the limits."""
    if not isinstance(text, str):
        raise Refused("syntax", Position(), f"a model's text must be a string, not {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise Refused("size", Position(), f"the text has {len(text)} characters; at most {MAX_CHARACTERS} are read.")
    out: list[Line] = []
    open_parens, count, current, indent = 0, 0, [], 0
    end = Position()
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        found = _tokens(raw, number)
        count += len(found)
        if count > MAX_TOKENS:
            raise Refused("size", Position(number, 1), f"the text has more than {MAX_TOKENS} words and signs.", "Make it shorter.")
        if found and not current:
            indent = len(raw.expandtabs(4)) - len(raw.expandtabs(4).lstrip())
        current += found
        end = Position(number, len(raw) + 1)
        open_parens += sum((t.text == "(") - (t.text == ")") for t in found)
        if current and open_parens <= 0:
            out.append(Line(indent, tuple(current), end))
            current, open_parens = [], 0
    if current:
        out.append(Line(indent, tuple(current), end))
    return tuple(out)


def _tokens(raw: str, number: int) -> list[Token]:
    """The tokens of one physical line, without its comment."""
    out: list[Token] = []
    column = 0
    while column < len(raw):
        if raw[column].isspace():
            column += 1
            continue
        if raw[column] == "#":
            break
        match = _TOKEN.match(raw, column)
        at = Position(number, column + 1)
        if match is None:
            sign = raw[column]
            shown = sign if sign.isprintable() else f"character {ord(sign)}"
            raise Refused("syntax", at, f"“{shown}” has no meaning here.", _INSTEAD.get(sign, ""))
        token = Token(str(match.lastgroup), match.group(), at)
        if token.text.startswith("_"):
            raise Refused("syntax", at, f"“{token.text[:20]}” cannot be a name; a name begins with a letter.")
        if token.text in REFUSED:
            raise Refused("forbidden", at, f"“{token.text}” is not allowed.", REFUSED[token.text])
        if token.text not in KEYWORDS and keyword.iskeyword(token.text):
            raise Refused("forbidden", at, f"“{token.text}” is a word of Python and cannot be a name.", "Choose another name.")
        out.append(token)
        column = match.end()
    return out
