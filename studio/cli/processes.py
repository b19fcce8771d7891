"""`mpiexec -n 4 studio run`: several processes run one network, and only the first speaks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from studio.cli.exits import UsageError

if TYPE_CHECKING:
    from studio.engine.ranks import Group

T = TypeVar("T")


def mine() -> Group:
    """The processes that were started together with this one; all but the first print nothing from now on."""
    from studio.engine.ranks import world

    group = world()
    if group.rank > 0:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    return group


def prepared(group: Group, act: Callable[[], T]) -> T:
    """Do `act` in every process; what one cannot do, all refuse."""
    from studio.engine.ranks import bound, together

    with bound(group, UsageError):
        return together(group, act, UsageError)
