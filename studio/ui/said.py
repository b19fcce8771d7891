"""What every message between a canvas and its session has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

Json = dict[str, Any]


class Said(BaseModel):
    """A message from the canvas; keys nobody knows are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message:
    """A message to the canvas. Optional keys that are None are left out where `_omit` names them."""

    type: str = ""
    _omit: tuple[str, ...] = ()

    def to_json(self) -> Json:
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self))  # type: ignore[arg-type]
        return {"type": self.type, **{name: _plain(value) for name, value in pairs if not (value is None and name in self._omit)}}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return dict(value) if isinstance(value, Mapping) else value
