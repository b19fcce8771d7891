"""What a canvas and its session say to each other: one JSON object a message, `type` names it, spikes and files ride as buffers.

Messages from the canvas are checked when they are read (a canvas may be old, or not ours); those to the canvas are values
that know how to become JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union

from pydantic import Field, TypeAdapter, ValidationError

from studio.findings import Finding, FindingError
from studio.ui.said import Json, Message, Said

Patch = list[Json]
Author = Literal["canvas", "python", "undo"]
RunPhase = Literal["preparing", "running", "done", "cancelled", "failed"]
CompilePhase = Literal["running", "done", "cancelled", "failed"]


# --- from the canvas -------------------------------------------------------------------------------------------------


class Ready(Said):
    """A view stands and wants to know everything."""

    type: Literal["ready"]


class Edit(Said):
    """A change made on the canvas, resolved against revision `base_rev`; `id` comes back with the answer. Changes of one `gesture` are one step of undo."""

    type: Literal["patch"]
    base_rev: int
    patch: Patch
    label: str = ""
    id: str | None = None
    gesture: str | None = None


class Undo(Said):
    type: Literal["undo"]


class Redo(Said):
    type: Literal["redo"]


class RunRequest(Said):
    type: Literal["run"]
    duration_ms: float = Field(gt=0, allow_inf_nan=False)
    seed: int = Field(ge=0, lt=2**63)


class Cancel(Said):
    type: Literal["cancel"]


class Acknowledge(Said):
    """Frame `n` of run `run` is stored: there is room for the next."""

    type: Literal["ack"]
    run: int
    n: int


class New(Said):
    type: Literal["new"]


class OpenTemplate(Said):
    type: Literal["open_template"]
    name: str


class Open(Said):
    """A file that the user picked: its text, or its bytes in base64."""

    type: Literal["open"]
    name: str
    text: str = ""
    base64: str | None = None


class Save(Said):
    type: Literal["save"]


class Export(Said):
    type: Literal["export"]
    format: str


class Ask(Said):
    """A question about models, or whether the document fits a machine; `id` comes back with the answer. Nothing changes."""

    type: Literal["ask"]
    id: str
    what: Literal["response", "model_text", "judge_model", "chips", "fit", "report"]
    given: Json


class Compile(Said):
    """Compile the document for a machine; `verify`: read the artefact back, execute it and compare."""

    type: Literal["compile"]
    target: str
    options: Json = Field(default_factory=dict)
    verify: bool = False


class CancelCompile(Said):
    type: Literal["cancel_compile"]


FromCanvas = Union[
    Ready, Edit, Undo, Redo, RunRequest, Cancel, Acknowledge, New, OpenTemplate, Open, Save, Export, Ask, Compile, CancelCompile
]
_READER: TypeAdapter[FromCanvas] = TypeAdapter(Annotated[FromCanvas, Field(discriminator="type")])


def read(raw: Any) -> FromCanvas:
    """The message in `raw`; raises FindingError with the first thing that is wrong with it."""
    try:
        return _READER.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = f"The canvas sent a message that cannot be read ({place or 'message'}: {first['msg']})."
        raise FindingError([Finding("text.message", "error", "", said, "Reload the page; the studio may have been updated.")]) from None


# --- to the canvas ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Format:
    """One way out of the studio."""

    key: str
    title: str
    suffix: str


@dataclass(frozen=True)
class Listed:
    """A template as the canvas lists it."""

    name: str
    title: str
    description: str


@dataclass(frozen=True)
class Abilities:
    """What this host can do."""

    run: bool
    export: tuple[Format, ...]
    open: bool = True
    save: bool = True
    templates: bool = True


@dataclass(frozen=True)
class Band:
    """Rows `offset` .. `offset + size - 1` of the raster belong to the node at `path`."""

    path: str
    name: str
    size: int
    offset: int
    kind: Literal["excitatory", "inhibitory", "source", "population"]


@dataclass(frozen=True)
class Hello(Message):
    rev: int
    document: Json
    catalogue: Json
    findings: tuple[Finding, ...]
    templates: tuple[Listed, ...]
    can: Abilities
    undo: str | None
    redo: str | None
    file: str | None
    dirty: bool
    synapses: Mapping[str, float]
    type = "hello"


@dataclass(frozen=True)
class Patched(Message):
    """The document moved on to `rev` by `patch`; `id` names the canvas's edit that this answers."""

    rev: int
    patch: Patch
    findings: tuple[Finding, ...]
    undo: str | None
    redo: str | None
    by: Author
    dirty: bool
    synapses: Mapping[str, float]
    id: str | None = None
    type = "patch"
    _omit = ("id",)


@dataclass(frozen=True)
class Refused(Message):
    """The canvas's edit does not fit; this is the document as it stands."""

    rev: int
    document: Json
    findings: tuple[Finding, ...]
    reason: str
    id: str | None = None
    type = "refused"
    _omit = ("id",)


@dataclass(frozen=True)
class Whole(Message):
    """Another document, or one that changed too much for a patch."""

    rev: int
    document: Json
    findings: tuple[Finding, ...]
    undo: str | None
    redo: str | None
    file: str | None
    dirty: bool
    synapses: Mapping[str, float]
    type = "document"


@dataclass(frozen=True)
class Checked(Message):
    """What the checks say of revision `rev`, and the expected number of synapses per projection path."""

    rev: int
    findings: tuple[Finding, ...]
    synapses: Mapping[str, float]
    type = "findings"


@dataclass(frozen=True)
class RunStatus(Message):
    """How the run stands. `speed`: biological seconds per second of wall time; `answer`: how the document's task went;
    `steered`: what was changed last while it ran.
    """

    run: int
    state: RunPhase
    t_ms: float
    duration_ms: float
    wall_s: float
    speed: float
    text: str
    spikes: int
    rates: Mapping[str, float]
    sparsity: Mapping[str, float]
    findings: tuple[Finding, ...]
    rev: int
    answer: str = ""
    steered: str = ""
    type = "run"


@dataclass(frozen=True)
class FrameHead(Message):
    """Goes with two buffers of uint32: steps (ascending; time = step * dt_ms) and rows.

    `replace`: this frame holds every spike shown of the run so far. `thinned` k: one spike in k is shown.
    """

    run: int
    n: int
    t_ms: float
    rows: tuple[Band, ...]
    dt_ms: float
    replace: bool = False
    thinned: int = 1
    type = "frame"


@dataclass(frozen=True)
class TraceHead:
    """One recorded state of the neurons `ids`, the first of `recorded`; `thinned`: only the peaks of every stretch of time are here."""

    path: str
    what: str
    unit: str
    ids: tuple[int, ...]
    recorded: int
    thinned: bool


@dataclass(frozen=True)
class Traces(Message):
    """What run `run` recorded of states. Each goes with two buffers of float32: times [ms], and values, one row of times a neuron."""

    run: int
    traces: tuple[TraceHead, ...]
    type = "traces"


@dataclass(frozen=True)
class Profiled(Message):
    """Where the time of run `run` went (`studio.engine.profile`), kinds of work and nodes, longest first."""

    run: int
    profile: Json
    type = "profile"


@dataclass(frozen=True)
class Exported(Message):
    """Goes with one buffer, the file's bytes."""

    name: str
    mime: str
    findings: tuple[Finding, ...]
    type = "exported"


@dataclass(frozen=True)
class Saved(Message):
    """Revision `rev` is saved: in `file` on this machine, or (None) in a file that went out as a download."""

    rev: int
    file: str | None
    type = "saved"


@dataclass(frozen=True)
class Answer(Message):
    """What was asked under `id`; None where there is no answer."""

    id: str
    value: Json | None
    type = "answer"


@dataclass(frozen=True)
class CompileStatus(Message):
    """How compilation `number` of revision `rev` stands; `report` once it is done (`studio.compile.report`). `share`: 0 to 1."""

    number: int
    target: str
    state: CompilePhase
    step: str
    share: float
    wall_s: float
    text: str
    report: Json | None
    findings: tuple[Finding, ...]
    rev: int
    type = "compile"


@dataclass(frozen=True)
class OwnModels(Message):
    """The catalogue's entries of the document's own models, in the place of those sent before."""

    entries: tuple[Json, ...]
    type = "own_models"


@dataclass(frozen=True)
class Notice(Message):
    text: str
    severity: Literal["info", "warning", "error"] = "info"
    type = "notice"


ToCanvas = Union[
    Hello, Patched, Refused, Whole, Checked, RunStatus, FrameHead, Traces, Profiled, Exported, Saved, Answer, CompileStatus, OwnModels,
    Notice,
]  # fmt: skip
