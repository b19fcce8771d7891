"""Accuracy of the `digits` template compiled for crossbars, by device, converter and age: tables and figure of docs/guide/chips-crossbar.md.

    python templates/scripts/crossbar_chips_table.py             # half an hour of one core: templates/results/crossbar_chips.json
    python templates/scripts/crossbar_chips_table.py --show      # the tables again from there, and docs/images/crossbar_chips.svg

Every number is of one verified compilation (`studio compile digits --target crossbar --verify --option ...`): all 400 held-out images, one chip. A chip is
one `sample` of its devices; the images' spikes are always the same. Intervals: Student's t over chips. Artefacts that do not do what the emulator does end the work.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import digits as template
from figures import IMAGES, Drawing, Scale, interval

from studio.backends.compiling import compile_network
from studio.backends.verify import verify

OUT = Path(__file__).resolve().parents[1] / "results" / "crossbar_chips.json"
SAMPLES = (1, 2, 3, 4, 5)
BITS = (0, 8, 6, 5, 4, 3, 2)  # 0: exact
DAY = 86_400.0
DEVICES: dict[str, dict[str, str]] = {
    "ideal": {"device": "ideal"},
    "PCM, HERMES, two cells": {"device": "pcm", "preset": "hermes_double"},
    "PCM, HERMES, one cell": {"device": "pcm", "preset": "hermes_single"},
    "PCM, a million cells (Nandakumar 2019)": {"device": "pcm", "preset": "pcm_like"},
    "HfOx RRAM, NeuRRAM (Wan 2022)": {"device": "rram", "preset": "wan_2022"},
    "HfO2 RRAM, program and verify (Milo 2021)": {"device": "rram", "preset": "milo_2021"},
    "CMO/HfOx, verified to 2 % (Falcone 2025)": {"device": "cmo_hfox", "preset": "accept_2_percent"},
    "CMO/HfOx, verified to 0.2 %": {"device": "cmo_hfox", "preset": "accept_02_percent"},
}
AGED = ("PCM, HERMES, two cells", "HfOx RRAM, NeuRRAM (Wan 2022)", "CMO/HfOx, verified to 2 % (Falcone 2025)")
SHOWN = {
    "ideal": "#2f81f7",
    "PCM, HERMES, two cells": "#e8590c",
    "HfOx RRAM, NeuRRAM (Wan 2022)": "#8250df",
    "CMO/HfOx, verified to 0.2 %": "#2da44e",
}
Row = dict[str, Any]


def cases() -> Iterator[Row]:
    """What is compiled, before it is measured."""
    for device in DEVICES:
        yield from ({"device": device, "adc_bits": bits, "age": 0.0, "calibrate": "none"} for bits in BITS)
    for device in AGED:
        yield from ({"device": device, "adc_bits": 8, "age": DAY, "calibrate": how} for how in ("none", "column"))


def one(case: Row, sample: int) -> tuple[float, float, float]:
    """(accuracy, mean rate of the readout [Hz], share of its spikes at the very same time as in the ideal network) of one chip."""
    options = {**DEVICES[case["device"]], **{name: case[name] for name in ("adc_bits", "age", "calibrate")}, "sample": sample}
    with tempfile.TemporaryDirectory() as folder:
        said = verify(compile_network(template.build(), "crossbar", **options).emit(folder), folder).report.comparison
    assert said is not None and said["replayed"]["exact"], said
    readout = said["populations"]["digits"]
    return said["task"]["chip"], readout["rate"][1], readout["same"]


def measure() -> None:
    """A row for each case, with a number for each chip; written after each row."""
    rows: list[Row] = []
    OUT.parent.mkdir(exist_ok=True)
    for case in cases():
        chips = SAMPLES[:1] if case["device"] == "ideal" else SAMPLES
        found = [one(case, sample) for sample in chips]
        rows.append({**case, **{name: [round(f[k], 5) for f in found] for k, name in enumerate(("accuracy", "rate", "same"))}})
        print(rows[-1], flush=True)
        OUT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def said(values: list[float], factor: float = 1.0, digits: int = 1) -> str:
    """Mean and half of its 95 % interval."""
    if len(values) == 1:
        return f"{factor * values[0]:.{digits}f}"
    mean, half = interval([factor * v for v in values])
    return f"{mean:.{digits}f} ± {half:.{digits}f}"


def tables(rows: list[Row]) -> str:
    """Accuracy by device and converter; what a day does."""
    heads = ["exact" if b == 0 else f"{b} bits" for b in BITS]
    lines = ["| device | " + " | ".join(heads) + " | rate of the readout, Hz, 8 bits |", "|---" * (len(BITS) + 2) + "|"]
    for device in DEVICES:
        mine = {r["adc_bits"]: r for r in rows if r["device"] == device and r["age"] == 0.0}
        lines.append(f"| {device} | " + " | ".join(said(mine[b]["accuracy"], 100.0) for b in BITS) + f" | {said(mine[8]['rate'])} |")
    lines += ["", "| device | | at once | a day | a day, `calibrate=column` |", "|---|---|---|---|---|"]
    for device in AGED:
        mine = [r for r in rows if r["device"] == device and r["adc_bits"] == 8]
        lines.append(f"| {device} | right, % | " + " | ".join(said(r["accuracy"], 100.0) for r in mine) + " |")
        lines.append("| | readout, Hz | " + " | ".join(said(r["rate"]) for r in mine) + " |")
    return "\n".join(lines)


def figure(rows: list[Row]) -> str:
    """Two panels against the bits of converters: images named right, and spikes of the readout at the very same time."""
    drawing = Drawing(860, 372)
    for k, (device, colour) in enumerate(SHOWN.items()):
        x, y = 80 + 380 * (k % 2), 18 + 20 * (k // 2)
        drawing.dot(x, y, colour)
        drawing.text(x + 10, y + 4, device)
    _panel(drawing, rows, "accuracy", (90.0, 100.0, 2), "held-out images named right, %", 70.0)
    _panel(drawing, rows, "same", (0.0, 100.0, 20), "readout: spikes at the very same time, %", 500.0)
    return drawing.written("Digits on crossbars of four devices, against the bits of converters")


def _panel(drawing: Drawing, rows: list[Row], what: str, axis: tuple[float, float, int], named: str, left: float) -> None:
    low, high, each = axis
    bits = [3, 4, 5, 6, 8, 0]  # (with 2 bits hardly a spike arrives)
    x, y = Scale(-0.4, len(bits) - 0.6, left, left + 340, log=False), Scale(low, high, 310.0, 65.0, log=False)
    for tick in range(int(low), int(high) + 1, each):
        drawing.line([(left, y(tick)), (left + 340, y(tick))], "grid")
        drawing.text(left - 8, y(tick) + 4, f"{tick}", "small", "end")
    for k, b in enumerate(bits):
        drawing.text(x(k), 330, f"{b}" if b else "exact", "small", "middle")
    drawing.text(left + 170, 354, "bits of a converter", "small", "middle")
    drawing.text(left - 42, 188, named, "small", "middle", -90)
    for j, (device, colour) in enumerate(SHOWN.items()):
        mine = {r["adc_bits"]: [100.0 * v for v in r[what]] for r in rows if r["device"] == device and r["age"] == 0.0}
        found = [interval(mine[b]) if len(mine[b]) > 1 else (mine[b][0], 0.0) for b in bits]
        places = [(x(k + 0.06 * (j - 1.5)), y(mean)) for k, (mean, _) in enumerate(found)]
        drawing.line(places, colour=colour)
        for (px, py), (mean, half) in zip(places, found, strict=True):
            drawing.line([(px, y(mean - half)), (px, y(mean + half))], colour=colour)
            drawing.dot(px, py, colour)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--show", action="store_true", help="measure nothing")
    if not parser.parse_args().show:
        measure()
    rows = json.loads(OUT.read_text(encoding="utf-8"))
    print(tables(rows))
    (IMAGES / "crossbar_chips.svg").write_text(figure(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
