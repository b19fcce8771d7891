"""Names of Python for paths and keys, each once."""

from __future__ import annotations

import builtins
import keyword
import re

_OWN = [
    "base64",
    "importlib",
    "sys",
    "zlib",
    "np",
    "NumpyRNG",
    "RandomDistribution",
    "WHERE",
    "ON_CHIP",
    "sim",
    "DT",
    "DURATION",
    "SEED",
    "RNG",
    "LATER",
    "EARLIER",
    "EXTRA",
    "unpacked",
    "by_source",
    "poisson_trains",
    "per_core",
    "spikes",
    "name",
    "population",
    "trains",
    "times",
    "ids",
]  # what a script calls its own things


class Names:
    """Gives names that no other thing of a script has. `of`: that of every path that was given one by `node`."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self._taken = {*_OWN, *dir(builtins), *keyword.kwlist, *keyword.softkwlist}

    def node(self, path: str) -> str:
        """The name of a population or a source."""
        self.of[path] = self(path)
        return self.of[path]

    def __call__(self, wanted: str) -> str:
        """A name like what is wanted."""
        plain = re.sub(r"[^0-9A-Za-z_]+", "_", wanted).strip("_") or "x"
        plain = f"n{plain}" if plain[0].isdigit() else plain
        name, count = plain, 1
        while name in self._taken:
            count += 1
            name = f"{plain}_{count}"
        self._taken.add(name)
        return name
