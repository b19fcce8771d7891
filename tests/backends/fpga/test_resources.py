"""Yosys' figures as they are read, and where Yosys is there, a design that it takes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from backends.fpga.nets import LIF, compiled, one_layer

from studio.backends.fpga.resources import Synthesis, cells_of, estimated, synthesise
from studio.findings import FindingError

STAT = """
=== core_0 ===
     SB_LUT4                        500
=== design hierarchy ===

   network                           1
     core_0                          1
   Number of cells:               2043
     SB_CARRY                      601
     SB_DFF                         26
     SB_DFFESR                     126
     SB_LUT4                      6064
     SB_MAC16                       16
     SB_RAM40_4K                     2
"""


def test_cells_are_those_of_the_whole_design() -> None:
    cells = cells_of(STAT)
    assert cells == {"SB_CARRY": 601, "SB_DFF": 26, "SB_DFFESR": 126, "SB_LUT4": 6064, "SB_MAC16": 16, "SB_RAM40_4K": 2}
    made = Synthesis("up5k", cells)
    assert made.sums == {"memory_blocks": 2, "multipliers": 16, "tables": 6064, "registers": 152}
    assert made.over() == ["multipliers: 16 of 8 on iCE40 UP5K.", "tables: 6,064 of 5,280 on iCE40 UP5K."]
    assert Synthesis("xc7a100t", {"RAMB36E1": 3, "RAMB18E1": 1, "LUT6": 4, "FDRE": 2}).sums["memory_blocks"] == 7


@pytest.mark.thorough  # half a minute: `stat` above is one that it printed
def test_yosys_takes_a_design(tmp_path: Path) -> None:
    if shutil.which("yosys") is None:
        pytest.skip("yosys is not installed")
    made = compiled(one_layer(weight=6.0, **LIF), device="up5k", word=16, coefficient=16).emit(tmp_path)
    found = synthesise(tmp_path, "up5k")
    assert not found.over() and estimated(tmp_path) == {}
    used = {u.resource: u.used for u in made.report.totals}
    assert found.sums["multipliers"] == used["multipliers"] and found.sums["tables"] <= used["tables"]


def test_without_yosys_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FindingError, match="Yosys was not found"):
        synthesise(tmp_path)
