"""Parameters that several connectors share."""

from studio.models.spec import Param

AUTAPSES = Param(
    "autapses",
    1,
    "",
    "1: an element may connect to itself; 0: it may not. Matters within one population only.",
    low=0,
    high=1,
    integer=True,
    shared=True,
    advanced=True,
)
