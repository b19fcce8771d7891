"""The parts of the page that are words, tables and bars. Each gives HTML, or an empty text where there is nothing to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

Json = Mapping[str, Any]
_ORDER = {"error": 0, "warning": 1, "info": 2}
_WORD = {"error": "Error", "warning": "Warning", "info": "Note"}
_UNITS = {"mm2": "mm²", "um2": "µm²"}
_SIGN = {"error": "✕", "warning": "!", "info": "i", "fits": "✓", "lossy": "~", "over": "✕"}
_STATE = {"fits": "fits", "lossy": "fits with losses", "over": "does not fit"}
ACRONYMS = frozenset(("adc", "adcs", "bram", "csv", "dac", "dacs", "dsp", "dtcm", "itcm", "lut", "luts", "sdram", "sram"))
FEW = 3  # places of one finding that are named
SHORT = 100  # characters of a setting that is not folded
MOST = 400  # rows of a table; the JSON has all


def section(title: str, body: str) -> str:
    """A part of the page; nothing where its body is empty."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}</section>\n" if body else ""


def verdict(said: Json) -> str:
    """What the page is about, and the answer."""
    fits, losses, name = said["fits"], len(said["losses"]), escape(said["name"] or "Untitled")
    state = "over" if not fits else "lossy" if losses or _worst(said) == "warning" else "fits"
    wrong = sum(f["severity"] == "error" for f in said["findings"])
    told = {
        "over": f"It does not fit {escape(said['title'])}: {_count(wrong, 'thing has', 'things have')} to change.",
        "lossy": f"It fits {escape(said['title'])}, with losses that are listed below.",
        "fits": f"It fits {escape(said['title'])} as it is.",
    }[state]
    facts = [f"model {said['hash'][:12]}" if said.get("hash") else "", said.get("dialect") or ""]
    facts.append("an estimate: counted from rules, nothing was drawn" if said.get("estimate") else "")
    line = " · ".join(escape(fact) for fact in facts if fact)
    return f'<header data-state="{state}">\n<h1>{name}</h1>\n<p class="verdict">{_mark(state)} {told}</p>\n<p class="quiet">{line}</p>\n</header>\n'


def _worst(said: Json) -> str:
    return min((f["severity"] for f in said["findings"]), key=lambda s: _ORDER[s], default="info")


def totals(said: Json) -> str:
    """The whole machine: used and available."""
    return table(("Resource", "", "used", "available"), [_use(u) for u in said["totals"]], "uses")


def paths(said: Json) -> str:
    """Every population, source and projection: does it fit, and what binds it."""
    rows = [_path(path, p) for path, p in sorted(said["paths"].items(), key=lambda item: -_share(item[1].get("binding")))]
    return table(("", "What", "Cores", "Binds", "", "used", "available"), rows, "paths")


def _path(path: str, p: Json) -> list[str]:
    binding = p.get("binding")
    head = [
        _mark(p["state"], _STATE[p["state"]]),
        f'<code>{escape(path)}</code> <span class="quiet">{p["kind"]}</span>',
        number(p["cores"] or ""),
    ]
    return [*head, *(_use(binding) if binding else ["", "", "", ""])]


def _use(use: Json) -> list[str]:
    given = str(use.get("unit") or "")
    unit = f" {escape(_UNITS.get(given, given))}" if given else ""
    return [escape(words(use["resource"])), bar(_share(use)), number(use["used"]) + unit, number(use["available"]) + unit]


def findings(said: Json) -> str:
    """What was found, the worst first, with what to do about it; what is said of several places stands once."""
    places: dict[tuple[str, str, str, str], list[str]] = {}
    for f in sorted(said["findings"], key=lambda f: _ORDER[f["severity"]]):
        places.setdefault((f["severity"], f["code"], f["text"], f["fix"]), []).append(f["where"])
    rows = [
        [
            _mark(severity, _WORD[severity]),
            _places(where),
            escape(text) + (f'<div class="fix">{escape(fix)}</div>' if fix else ""),
            f'<code class="quiet">{escape(code)}</code>',
        ]
        for (severity, code, text, fix), where in places.items()
    ]
    return table(("", "Where", "What", ""), rows, "findings")


def _places(where: list[str]) -> str:
    named = "<br>".join(f"<code>{escape(one)}</code>" if one else "the whole network" for one in where[:FEW])
    return named + (f'<br><span class="quiet">and {len(where) - FEW:,} more</span>' if len(where) > FEW else "")


def losses(said: Json) -> str:
    """What became of quantities on the way: counted, with the worst error."""
    rows = [
        [
            f"<code>{escape(x['path'])}</code>",
            escape(x["what"]),
            escape(x["kind"]),
            f"{number(x['count'])} of {number(x['total'])}",
            f"{number(x['worst'])} {escape(x['unit'])}".strip() if x["worst"] else "–",
            escape(x["text"]),
        ]
        for x in said["losses"]
    ]
    return table(("Where", "What", "How", "How many", "Worst", ""), rows, "losses")


def settings(said: Json) -> str:
    """What passes chose."""
    given = said.get("settings", {})
    rows = [[escape(words(str(name))), _setting(value)] for name, value in sorted(given.items()) if value not in (None, "", {}, [])]
    return table(("Setting", ""), rows, "facts")


def _setting(value: Any) -> str:
    """A value; one that holds others is folded, a line for each."""
    text = escape(_plain(value))
    if not isinstance(value, Mapping) or len(text) <= SHORT:
        return text
    lines = "".join(f"<div><code>{escape(str(key))}</code> {escape(_plain(one))}</div>" for key, one in value.items())
    return f"<details><summary>{_count(len(value), 'entry', 'entries')}</summary>{lines}</details>"


def timings(said: Json) -> str:
    """How long each pass took."""
    given = said.get("timings_ms") or {}
    most = max(given.values(), default=0.0) or 1.0
    rows = [[escape(words(name)), bar(ms / most, plain=True), f"{ms:,.1f} ms"] for name, ms in given.items()]
    return table(("Pass", "", "took"), rows, "uses")


def files(said: Json) -> str:
    given = said.get("files") or []
    return f"<p>Files: {', '.join(f'<code>{escape(name)}</code>' for name in given)}</p>\n" if given else ""


def unverified(said: Json) -> str:
    return f"<p>{escape(said['unverified'])}</p>\n" if said.get("unverified") else ""


# --- words, numbers, bars --------------------------------------------------------------------------------------------


def table(head: Iterable[str], rows: list[list[str]], kind: str) -> str:
    """Rows of HTML cells as a table; nothing without rows."""
    if not rows:
        return ""
    shown, more = rows[:MOST], len(rows) - MOST
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in shown)
    rest = f'<p class="quiet">and {more:,} more: all stand in report.json.</p>\n' if more > 0 else ""
    return f'<div class="wide"><table class="{kind}">\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>\n{rest}'


def bar(share: float, plain: bool = False) -> str:
    """How full, as a bar of 96 by 8; what is over has a line where full would be, and a sign."""
    over = share > 1 and not plain
    width = 96.0 if over else 96.0 * max(0.0, min(1.0, share))
    full = f'<rect class="full" x="{96.0 / min(share, 6.0) - 0.75:.1f}" y="0" width="1.5" height="8"/>' if over else ""
    told = "" if plain else f"<title>{share:.1%}</title>"
    kind = "over" if over else "used"
    return f'<svg class="bar" viewBox="0 0 96 8" width="96" height="8" role="img">{told}<rect class="all" width="96" height="8"/><rect class="{kind}" width="{width:.1f}" height="8"/>{full}</svg>'


def _share(use: Json | None) -> float:
    if not use:
        return 0.0
    return use["used"] / use["available"] if use["available"] else (2.0 if use["used"] else 0.0)


def number(value: Any) -> str:
    """A number for people: whole where it is, else four digits."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return escape(str(value)) if value is not None else "–"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if 1e-3 <= abs(value) < 1e6 else f"{value:.3g}"


def percent(share: float | None) -> str:
    """A share of 1; never 0.0 for what is more than nothing."""
    if share is None:
        return "–"
    return "less than 0.1 %" if 0.0 < share < 0.0005 else f"{100 * share:.1f} %"


def words(name: str) -> str:
    """`in_axons` as it is read."""
    text = name.replace("_", " ").replace("-", " ") if name not in ("fan-in", "fan-out") else name
    said = " ".join(word.upper() if word in ACRONYMS else word for word in text.split(" "))
    return said[:1].upper() + said[1:]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(
            f"{key}: {f'({_plain(one)})' if isinstance(one, (Mapping, list, tuple)) else _plain(one)}" for key, one in value.items()
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, (int, float)) else str(value)


def _mark(state: str, told: str = "") -> str:
    said = f'<span class="sr">{told}</span>' if told else ""
    return f'<span class="mark {state}" aria-hidden="true">{_SIGN[state]}</span>{said}'


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
