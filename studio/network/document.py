"""The document: what the user means, checked and frozen. Its JSON is the contract between canvas, Python and files.

`from_json` gives a `Document` or the findings that forbid one; `to_json` gives back exactly what came in.
Only the form is judged here (types, required keys, key spelling); what models and values mean is judged by `check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, NoReturn, TypeVar, Union

from pydantic import AfterValidator, BaseModel, Discriminator, Field, StrictBool, StrictInt, StrictStr, Tag, ValidationError

from studio.findings import Finding
from studio.network.plain import plain
from studio.network.values import Part, Value

FORMAT = "spike-studio/1"
KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_T = TypeVar("_T")


class Frozen(dict[str, _T]):
    """A mapping that does not change."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("A document does not change; make an edit and take the new document.")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse  # type: ignore[assignment]


def _freeze(given: dict[str, _T]) -> Frozen[_T]:
    return Frozen(given)


def _key(key: str) -> str:
    if not KEY.match(key):
        raise ValueError("a key is a lower-case letter followed by lower-case letters, digits and _")
    return key


Key = Annotated[StrictStr, AfterValidator(_key)]
Map = Annotated[dict[StrictStr, _T], AfterValidator(_freeze)]
Keyed = Annotated[dict[Key, _T], AfterValidator(_freeze)]
Size = Annotated[StrictInt, Field(ge=1)]


class Population(Part):
    """Neurons of one model."""

    kind: Literal["population"]
    name: StrictStr = ""
    description: StrictStr = ""
    model: StrictStr = "lif"
    size: Size = 1
    shape: tuple[Size, ...] | None = None
    params: Map[Value] = Field(default_factory=Frozen)
    start: Map[Value] = Field(default_factory=Frozen)
    metadata: Map[Any] = Field(default_factory=Frozen)


class Source(Part):
    """Something outside the network that gives spikes or currents."""

    kind: Literal["source"]
    name: StrictStr = ""
    description: StrictStr = ""
    model: StrictStr = "poisson"
    size: Size = 1
    shape: tuple[Size, ...] | None = None
    params: Map[Value] = Field(default_factory=Frozen)
    metadata: Map[Any] = Field(default_factory=Frozen)


class Instance(Part):
    """A circuit used here, `repeat` times; `shape` lays its copies out on a grid (row-major)."""

    kind: Literal["instance"]
    name: StrictStr = ""
    description: StrictStr = ""
    of: StrictStr
    repeat: Size = 1
    shape: tuple[Size, ...] | None = None
    override: Map[Value] = Field(default_factory=Frozen)
    metadata: Map[Any] = Field(default_factory=Frozen)


Node = Annotated[
    Union[Annotated[Population, Tag("population")], Annotated[Source, Tag("source")], Annotated[Instance, Tag("instance")]],
    Field(discriminator="kind"),
]


class Choice(Part):
    """A model by its key, and the parameters that differ from its defaults."""

    model: StrictStr
    params: Map[Value] = Field(default_factory=Frozen)


class Rule(Choice):
    """A plasticity rule. `signals`: for each signal of the rule, the node of the same circuit whose spikes make it."""

    signals: Map[StrictStr] = Field(default_factory=Frozen)


class Offsets(Part):
    """Copy c of the source reaches copies c + offset of the target, on the grid of copies."""

    offsets: tuple[tuple[StrictInt, ...], ...]
    wrap: StrictBool = False


def _copies_form(given: Any) -> str:
    return "offsets" if isinstance(given, (dict, Offsets)) else "word"


Copies = Annotated[Union[Annotated[Literal["all", "same"], Tag("word")], Annotated[Offsets, Tag("offsets")]], Discriminator(_copies_form)]


class Projection(Part):
    """Who is connected with whom, and by what synapses. From an analog source: connector and `gain` only."""

    from_: StrictStr = Field(alias="from")
    to: StrictStr
    name: StrictStr = ""
    description: StrictStr = ""
    connector: Choice = Choice(model="all_to_all")
    kinetics: Choice = Choice(model="delta")
    plasticity: Rule = Rule(model="static")
    device: Choice = Choice(model="ideal")
    crossbar: Map[Value] | None = None  # the parameters of models.crossbar.CROSSBAR; an effect that is not given is off
    weight: Value = 1
    delay: Value = 1
    gain: Value = 1
    copies: Copies = "all"
    metadata: Map[Any] = Field(default_factory=Frozen)


class Port(Part):
    """Where projections from outside end (`in`) or begin (`out`)."""

    direction: Literal["in", "out"]
    name: StrictStr = ""
    to: tuple[StrictStr, ...] = ()
    from_: tuple[StrictStr, ...] = Field(default=(), alias="from")

    @property
    def inside(self) -> tuple[str, ...]:
        """The nodes (or ports of instances) it stands for."""
        return self.to if self.direction == "in" else self.from_


class Circuit(Part):
    """Nodes, the projections between them, and the ports to the outside."""

    name: StrictStr = ""
    description: StrictStr = ""
    nodes: Keyed[Node] = Field(default_factory=Frozen)
    projections: Keyed[Projection] = Field(default_factory=Frozen)
    ports: Keyed[Port] = Field(default_factory=Frozen)


class Recorded(Part):
    """One thing to record."""

    path: StrictStr
    what: StrictStr = "spikes"
    every: Value | None = None


class Event(Part):
    """A moment of a run (ms) at which the clocks of all devices move on by `wait` (s) while the network stands still."""

    at: Value
    wait: Value


class Broken(Part):
    """A fault of a run: `fraction` of the neurons, synapses or spikes of `path`. `value`: where synapses are stuck, or how far thresholds scatter.

    Kinds: dead_neurons, lost_spikes, threshold_noise, dead_synapses, stuck_synapses.
    """

    kind: StrictStr
    path: StrictStr
    fraction: Value | None = None
    value: Value | None = None


class Constraint(Part):
    """What a compiler keeps to; `kind` says which of the other keys it takes (network.constraints.KINDS).

    Kinds: fan_in, fan_out, region, keep_together, keep_apart, delay_class.
    """

    kind: StrictStr
    path: StrictStr | None = None
    paths: tuple[StrictStr, ...] | None = None
    limit: StrictInt | None = None
    chip: StrictInt | None = None
    cores: tuple[StrictInt, StrictInt] | None = None
    scope: StrictStr | None = None
    delays: tuple[Value, ...] | None = None


class Run(Part):
    """How long, how fine, with which seed, and what is recorded (None: the spikes of all populations).

    `weights` "table256" lets a run keep 256 values for each distribution of weights. `connectivity` "procedural" lets it draw synapses
    again whenever their source fires, where the connector can, instead of storing them.
    """

    duration: Value = 1000
    dt: Value = 0.1
    seed: Annotated[StrictInt, Field(ge=0, le=2**53 - 1)] = 1
    precision: StrictStr = "single"
    method: StrictStr | None = None
    weights: StrictStr = "float32"
    connectivity: StrictStr = "stored"
    record: tuple[Recorded, ...] | None = None
    events: tuple[Event, ...] = ()
    faults: tuple[Broken, ...] = ()


class Data(Part):
    """An array: inside the document (`values`), or beside it (`file`). `sha256` is of its little-endian, row-major bytes."""

    dtype: StrictStr
    shape: tuple[Annotated[StrictInt, Field(ge=0)], ...]
    encoding: StrictStr = "zlib+base64"
    sha256: StrictStr
    values: StrictStr | None = Field(default=None, repr=False)
    file: StrictStr | None = None


class Document(Part):
    """A whole document. Frozen; `to_json` returns exactly the JSON it was made of."""

    format: StrictStr
    name: StrictStr = ""
    description: StrictStr = ""
    main: StrictStr = "main"
    circuits: Keyed[Circuit]
    models: Map[Any] = Field(default_factory=Frozen)
    constraints: tuple[Constraint, ...] = ()
    task: Map[Any] | None = None
    data: Map[Data] = Field(default_factory=Frozen)
    run: Run = Run()
    layout: Map[Map[Map[Any]]] = Field(default_factory=Frozen)
    metadata: Map[Any] = Field(default_factory=Frozen)

    @staticmethod
    def empty(name: str = "Untitled") -> Document:
        """A document with one empty circuit, `main`."""
        made, _ = from_json({"format": FORMAT, "name": name, "main": "main", "circuits": {"main": {"nodes": {}, "projections": {}}}})
        assert made is not None
        return made

    def to_json(self) -> dict[str, Any]:
        """A plain JSON dict that the caller may change."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @property
    def circuit(self) -> Circuit:
        """The main circuit."""
        return self.circuits[self.main]


def from_json(given: Any) -> tuple[Document | None, tuple[Finding, ...]]:
    """A document from parsed JSON, and what is worth saying about its form."""
    clean, findings = plain(given)
    if findings:
        main = given.get("main") if isinstance(given, dict) else None
        return None, tuple(replace(f, where=where(f.where.split("."), main) if f.where else "") for f in findings)
    wrong = _format_finding(clean)
    if wrong is not None:
        return None, (wrong,)
    try:
        document = Document.model_validate(clean)
    except ValidationError as error:
        return None, tuple(_finding(e, clean) for e in error.errors(include_url=False)[:100])
    if document.main not in document.circuits:
        text = f"The main circuit “{document.main}” is not among the circuits."
        return None, (Finding("path.main", "error", "", text, f"Use one of {', '.join(document.circuits) or 'them: add a circuit'}."),)
    return document, tuple(unknown_keys(document))


def _format_finding(given: Any) -> Finding | None:
    if not isinstance(given, dict):
        return Finding("text.type", "error", "", f"A document is a JSON object, not {_called(given)}.")
    said = given.get("format")
    if said == FORMAT:
        return None
    match = re.fullmatch(r"spike-studio/(\d{1,6})", said) if isinstance(said, str) else None
    if match and int(match[1]) > 1:
        return Finding(
            "text.newer",
            "error",
            "",
            f"This file was written by a newer studio (format “{said}”; this one reads up to “{FORMAT}”).",
            "Update the studio to open it.",
        )
    return Finding(
        "text.format",
        "error",
        "",
        f"This is not a Spike Studio document: its “format” is {_called(said)}.",
        f'A document begins with "format": "{FORMAT}".',
    )


def _called(given: Any) -> str:
    names = {dict: "an object", list: "a list", type(None): "missing", bool: str(given).lower()}
    return names.get(type(given), f"“{str(given)[:60]}”")


_SENTENCES = {
    "missing": "is missing",
    "greater_than_equal": "must be at least {ge}, not {given}",
    "less_than_equal": "must be at most {le}, not {given}",
    "int_type": "must be a whole number, not {given}",
    "float_type": "must be a number, not {given}",
    "string_type": "must be text, not {given}",
    "bool_type": "must be true or false, not {given}",
    "dict_type": "must be an object, not {given}",
    "model_type": "must be an object, not {given}",
    "model_attributes_type": "must be an object, not {given}",
    "tuple_type": "must be a list, not {given}",
    "literal_error": "must be {expected}, not {given}",
    "union_tag_invalid": "must be one of {expected_tags}, not “{tag}”",
    "union_tag_not_found": "does not say its “kind” (population, source or instance)",
    "finite_number": "must be a finite number",
    "too_short": "is too short",
    "too_long": "is too long",
}


def _finding(error: Any, document: dict[str, Any]) -> Finding:
    context = dict(error.get("ctx", {}))
    known: str | None = _SENTENCES.get(error["type"])
    if known is None:  # a stranger's words are never a format
        said = "is not valid: " + str(error["msg"]).removeprefix("Value error, ")
    else:
        said = known.format(given=_called(error["input"]), **context)
    place = [str(p) for p in error["loc"] if str(p) not in _TAGS]
    code = "bounds.value" if error["type"] in ("greater_than_equal", "less_than_equal") else "text.type"
    name = "/".join(place[-2:] if place[-1:] and place[-1].isdigit() else place[-1:])
    return Finding(code, "error", where(place, document.get("main")), f"“{name}” {said}.")


_TAGS = {"quantity", "dataref", "flag", "word", "number", "population", "source", "instance", "[key]", "int", "float", "tuple[int, int]"}


def where(place: list[str], main: Any) -> str:
    """The path that findings use for a place in the JSON: `exc.size` in the main circuit, `column:exc.size` in another."""
    if len(place) < 2 or place[0] != "circuits":
        return ".".join(place)
    inside = [p for p in place[2:] if p not in ("nodes", "projections", "ports", "params")]
    prefix = "" if place[1] == main else place[1] + ":"
    return prefix + ".".join(inside) if inside else place[1]


def unknown_keys(document: Document) -> Iterator[Finding]:
    """A remark for each key that this studio does not know; such keys are kept."""
    for place, part in _parts([], document):
        for key in part.model_extra or {}:
            yield Finding(
                "text.unknown_key",
                "info",
                where([*place, key], document.main),
                f"“{key}” means nothing to this studio; it is kept as it is.",
            )


def _parts(place: list[str], given: Any) -> Iterator[tuple[list[str], BaseModel]]:
    if isinstance(given, BaseModel):
        if place[:1] != ["layout"]:
            yield place, given
        for name in type(given).model_fields:
            yield from _parts([*place, name.rstrip("_")], getattr(given, name))
    elif isinstance(given, Mapping):
        for key, value in given.items():
            yield from _parts([*place, key], value)
    elif isinstance(given, tuple):
        for k, value in enumerate(given):
            yield from _parts([*place, str(k)], value)
