"""From a flat network to what a chip can hold: the representation (`program`), its `passes`, and the `report` on what was lost.

`docs/ir.md` describes it; the machines are in `studio.backends`.
"""
