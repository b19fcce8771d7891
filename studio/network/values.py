"""What may stand for a parameter in a document: a number, a number with a unit, a distribution, an array, a word."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, TypeAlias, Union

from pydantic import BaseModel, ConfigDict, Discriminator, StrictBool, StrictFloat, StrictInt, StrictStr, Tag, TypeAdapter

Number: TypeAlias = Union[StrictInt, StrictFloat]


class Part(BaseModel):
    """A frozen piece of a document; unknown keys are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True)


class Quantity(Part):
    """A number and the unit it was given in."""

    value: Number
    unit: StrictStr = ""


class Normal(Part):
    """Drawn from a normal distribution (mean, standard deviation); drawn again outside [min, max]."""

    normal: tuple[Number, Number]
    unit: StrictStr | None = None
    min: Number | None = None
    max: Number | None = None


class Uniform(Part):
    """Drawn uniformly between two numbers."""

    uniform: tuple[Number, Number]
    unit: StrictStr | None = None
    min: Number | None = None
    max: Number | None = None


class Lognormal(Part):
    """Drawn from a lognormal distribution (mean and standard deviation of the logarithm)."""

    lognormal: tuple[Number, Number]
    unit: StrictStr | None = None
    min: Number | None = None
    max: Number | None = None


class DataRef(Part):
    """The name of an array in the document's `data`, one entry per element."""

    data: StrictStr
    unit: StrictStr | None = None


def _form(given: Any) -> str:
    if isinstance(given, BaseModel):
        return type(given).__name__.lower()
    if isinstance(given, bool):
        return "flag"
    if isinstance(given, str):
        return "word"
    if isinstance(given, dict):
        return next((name for name, key in _FORM_KEYS if key in given), "quantity")
    return "number"


_FORM_KEYS = (("normal", "normal"), ("uniform", "uniform"), ("lognormal", "lognormal"), ("dataref", "data"), ("quantity", "value"))

Value = Annotated[
    Union[
        Annotated[Number, Tag("number")],
        Annotated[StrictBool, Tag("flag")],
        Annotated[StrictStr, Tag("word")],
        Annotated[Quantity, Tag("quantity")],
        Annotated[Normal, Tag("normal")],
        Annotated[Uniform, Tag("uniform")],
        Annotated[Lognormal, Tag("lognormal")],
        Annotated[DataRef, Tag("dataref")],
    ],
    Discriminator(_form),
]

_VALUE: TypeAdapter[Any] = TypeAdapter(Value)


def from_json(given: Any) -> Any:
    """A JSON value as a document holds it; raise ValueError for what is none."""
    return _VALUE.validate_python(given)


_NUMBER_UNIT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\s\d].*)?\s*$")


def from_text(text: str) -> Any:
    """A JSON value from what a person types after `=`: `15`, `15 ms`, `{"normal": [15, 1]}`, or a word."""
    match = _NUMBER_UNIT.match(text)
    if match:
        number = float(match[1])
        plain: Any = int(number) if number.is_integer() and abs(number) < 2**53 else number
        return {"value": plain, "unit": match[2].strip()} if match[2] else plain
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()
