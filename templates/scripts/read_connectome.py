"""Read the wiring of the worm that the `c_elegans` template carries.

    pip install --no-deps cect==0.3.5        # the C. elegans Connectome Toolbox, MIT; its data are inside
    python templates/scripts/read_connectome.py        # writes templates/data/c_elegans.npz

Synapses: the adult hermaphrodite of Cook et al. 2019 (doi:10.1038/s41586-019-1352-7, corrected July 2020), weights in serial sections of electron microscopy.
Transmitters: Wang et al. 2024 (doi:10.7554/eLife.95402, CC BY 4.0), as a neuron's set. Groups: Cook et al. 2019 as the toolbox lists them.
What is no neuron and no muscle (glia, gland, skin, marginal cells: 36 of 473 cells) is left out, with its synapses.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

OUT = Path(__file__).resolve().parents[1] / "data" / "c_elegans.npz"
TRANSMITTERS = ("Acetylcholine", "Glutamate", "GABA", "Dopamine", "Serotonin", "Tyramine", "Octopamine", "Betaine")
GROUPS = ("sensory", "inter", "motor", "muscle")


def cached(name: str) -> dict[str, Any]:
    """A reader's data as the toolbox keeps them: `nodes`, and `connections` by class as square matrices (from row to column)."""
    found = find_spec("cect")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("The toolbox is not installed: pip install --no-deps cect==0.3.5")
    text = (Path(found.submodule_search_locations[0]) / "cache" / f"{name}Reader.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def groups(nodes: list[str]) -> dict[str, int]:
    """The group of each neuron and muscle, by name. Polymodal neurons of the pharynx are motor neurons here, CAN (of unknown use) interneurons."""
    from cect import Cells  # pyright: ignore[reportMissingImports]

    lists = (
        Cells.SENSORY_NEURONS_COOK,
        Cells.INTERNEURONS_COOK + Cells.UNKNOWN_FUNCTION_NEURONS,
        Cells.MOTORNEURONS_COOK + Cells.PHARYNGEAL_POLYMODAL_NEURONS,
        [n for n in nodes if Cells.is_known_muscle(n)],
    )
    return {name: k for k, names in enumerate(lists) for name in names}


def transmitters() -> dict[str, int]:
    """The transmitters of each neuron as bits, in the order of TRANSMITTERS."""
    wang = cached("Wang2024Herm")
    bits: dict[str, int] = {}
    for k, name in enumerate(TRANSMITTERS):
        for cell in np.flatnonzero(np.array(wang["connections"][name]).any(axis=1)):
            bits[wang["nodes"][cell]] = bits.get(wang["nodes"][cell], 0) | 1 << k
    return bits


def main() -> None:
    cook = cached("Cook2019Herm")
    group, bits = groups(cook["nodes"]), transmitters()
    names = sorted(group, key=lambda n: (group[n], n))
    order = [cook["nodes"].index(n) for n in names]
    chemical, gap = (np.array(cook["connections"][k])[np.ix_(order, order)] for k in ("Generic_CS", "Generic_GJ"))
    assert (gap == gap.T).all()
    pre, post = np.nonzero(chemical)
    one, other = np.nonzero(np.triu(gap, 1))  # a junction once; a cell's junctions with itself carry no current
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        OUT,
        names=np.array(names),
        group=np.array([group[n] for n in names], np.uint8),
        transmitters=np.array([bits.get(n, 0) for n in names], np.uint8),
        chemical=np.stack([pre, post, chemical[pre, post]]).astype(np.uint16),
        gap=np.stack([one, other, gap[one, other]]).astype(np.uint16),
    )
    print(
        f"wrote {OUT.name}: {len(names)} cells, {len(pre)} chemical connections ({chemical.sum():.0f} sections), {len(one)} gap-junction pairs"
    )


if __name__ == "__main__":
    main()
