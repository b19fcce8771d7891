"""Write the templates: every module here with a `build` becomes `templates/<module>.snn.json`.

python templates/scripts/make.py            # all of them
python templates/scripts/make.py digits     # one
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NAMES = (
    *("first_spike", "brunel", "cortical_columns", "synaptic_competition", "digits", "cuba", "brunel_stdp", "microcircuit"),
    *("memristive_patterns", "memristive_digits", "crossbar_conv", "drift", "boltzmann_sampler", "c_elegans"),
)


def make(name: str) -> Any:
    """The network of one template, with its description and its layout."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    module = importlib.import_module(name)
    net = module.build()
    net.apply({"command": "set", "path": "/description", "value": module.DESCRIPTION})
    layout = module.LAYOUT if all(isinstance(v, dict) for v in module.LAYOUT.values()) else {net.document.main: module.LAYOUT}
    for circuit, positions in layout.items():
        placed = {key: {"x": x, "y": y} for key, (x, y) in positions.items()}
        net.apply({"command": "set", "path": f"/layout/{circuit}", "value": placed})
    return net


def main(names: list[str]) -> None:
    for name in names or NAMES:
        net = make(name)
        for finding in net.check():
            print(f"{name}: {finding}")
        net.save(HERE.parent / f"{name}.snn.json")
        print(f"wrote {name}.snn.json")


if __name__ == "__main__":
    main(sys.argv[1:])
