"""What is estimated: energy and time with their boundary and source, and what the links carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def energy(said: Json) -> str:
    return ""


def traffic(said: Json) -> str:
    return ""
