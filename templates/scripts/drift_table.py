"""How the accuracy of the `drift` template fades with time, and comes back when thresholds follow the monitor: table and figure.

    python templates/scripts/drift_table.py             # some minutes: templates/results/drift.json
    python templates/scripts/drift_table.py --show      # the table again from there, and docs/images/drift.svg

At each age all 400 held-out images are shown to freshly programmed devices that have waited so long. The compensation knows nothing but the
monitor's mean voltage now and just after programming; both thresholds are set in that proportion. Intervals: Student's t over seeds.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import drift as template
import numpy as np
from figures import IMAGES, Drawing, Scale, interval

from studio.analysis.task import task_accuracy
from studio.engine.run import simulate
from studio.network.build import Network

OUT = Path(__file__).resolve().parents[1] / "results" / "drift.json"
AGES = {"at once": 0.0, "an hour": 3600.0, "a day": 86_400.0, "a week": 604_800.0, "a month": 2_592_000.0}  # s


def monitored(net: Network, age: float, seed: int) -> float:
    """The monitor's mean voltage over four seconds [mV]."""
    recording = simulate(net, 5000.0, seed=seed, events=[(0.0, age)], record=[("monitor", "v", 20.0)], threads=1)
    trace = recording.traces["monitor", "v"]
    return float(trace.values[trace.times > 1000.0].mean())


def accuracy(net: Network, age: float, threshold: float, seed: int) -> float:
    """The share of the images named right after so many seconds."""
    settings = {"hidden.v_th": threshold, "digits.v_th": threshold}
    answer = task_accuracy(simulate(net, seed=seed, events=[(0.0, age)], set=settings, threads=1), net.document)
    assert answer is not None
    return answer.accuracy


def measure(seeds: int) -> None:
    """A row for each age: what the monitor says, accuracy without and with compensation, for each seed; written after every seed."""
    net = template.build()
    rows: list[dict[str, Any]] = [{"age": age, "seconds": s, "left": [], "plain": [], "compensated": []} for age, s in AGES.items()]
    OUT.parent.mkdir(exist_ok=True)
    for seed in range(1, seeds + 1):
        fresh = monitored(net, 0.0, seed)
        for row in rows:
            left = monitored(net, row["seconds"], seed) / fresh
            row["left"].append(round(left, 4))
            row["plain"].append(accuracy(net, row["seconds"], 1.0, seed))
            row["compensated"].append(accuracy(net, row["seconds"], left, seed))
            print(seed, row["age"], row["left"][-1], row["plain"][-1], row["compensated"][-1], flush=True)
        OUT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def table(rows: list[dict[str, Any]]) -> str:
    """The table of the page, as Markdown."""
    lines = ["| after | left of the reference, % | right, % | with thresholds lowered as much, % |", "|---|---|---|---|"]
    for r in rows:
        values = ["{:.1f} ± {:.1f}".format(*interval(100 * np.array(r[key]))) for key in ("plain", "compensated")]
        lines.append(f"| {r['age']} | {100 * np.mean(r['left']):.0f} | {values[0]} | {values[1]} |")
    return "\n".join(lines)


def figure(rows: list[dict[str, Any]]) -> str:
    """Accuracy against the logarithm of time, without and with compensation."""
    drawing = Drawing(860, 350)
    x, y = Scale(1.0, 1e7, 90.0, 820.0), Scale(0.0, 100.0, 290.0, 50.0, log=False)
    for tick in range(0, 101, 20):
        drawing.line([(90, y(tick)), (820, y(tick))], "grid")
        drawing.text(82, y(tick) + 4, f"{tick}", "small", "end")
    drawing.text(22, 170, "held-out images named right, %", "small", "middle", -90)
    for row in rows:
        drawing.text(x(max(row["seconds"], 2.0)), 312, row["age"], "small", "middle")
    drawing.text(455, 338, "since programming", "small", "middle")
    for k, (key, colour, what) in enumerate(
        (("plain", "#e8590c", "as it is"), ("compensated", "#2f81f7", "thresholds follow the monitor"))
    ):
        drawing.dot(100 + 130 * k, 24, colour)
        drawing.text(110 + 130 * k, 28, what)
        points = [(x(max(r["seconds"], 2.0)), *interval(100 * np.array(r[key]))) for r in rows]
        drawing.line([(at, y(mean)) for at, mean, _ in points], colour=colour)
        for at, mean, half in points:
            drawing.line([(at, y(mean - half)), (at, y(min(100.0, mean + half)))], colour=colour)
            drawing.dot(at, y(mean), colour)
    return drawing.written("Accuracy of a classifier on phase-change memory over a month, with and without compensation of drift")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--show", action="store_true", help="measure nothing")
    args = parser.parse_args()
    if not args.show:
        measure(args.seeds)
    rows = json.loads(OUT.read_text(encoding="utf-8"))
    print(table(rows))
    (IMAGES / "drift.svg").write_text(figure(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
