"""What variable devices cost the `memristive_digits` template, with and without the rule's patience: the table and the figure of its page.

    python templates/scripts/memristive_digits_table.py             # ten seeds, some minutes: templates/results/memristive_digits.json
    python templates/scripts/memristive_digits_table.py --show      # the table again from there, and docs/images/memristive_digits.svg

A loss is the accuracy with ideal devices minus that with variable ones, seed by seed (order of images, spikes, start weights and devices all follow
the seed). Intervals are those that hold the mean with 95 % probability, by Student's t over the seeds.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import memristive_digits as template
import numpy as np
from figures import IMAGES, Drawing, Scale, interval

from studio.analysis.task import task_accuracy
from studio.engine.run import simulate

OUT = Path(__file__).resolve().parents[1] / "results" / "memristive_digits.json"
IDEAL = "Ideal"
DEVICES: dict[str, tuple[str, dict[str, Any]]] = {
    IDEAL: ("ideal", {}),
    "HfO2 (Gong 2018)": ("exp_step", {"preset": "gong_2018", "most_pulses": 100}),
    "HfO2, soft bounds (Gong 2018)": ("linear_step", {"preset": "hfo2_soft_bounds", "most_pulses": 100}),
    "RRAM array (Gong 2022)": ("linear_step", {"preset": "reram_array_om"}),
}


def accuracy(device: str, patience: float, seed: int) -> float:
    """The share of held-out images named right."""
    model, params = DEVICES[device]
    choice = (model, {**params, "w_max": template.W_MAX}) if params else model
    net = template.build(device=choice, patience=patience, seed=seed)
    answer = task_accuracy(simulate(net, threads=1), net.document)
    assert answer is not None
    return answer.accuracy


def measure(seeds: int) -> None:
    """A row for each device and rule, with the accuracy for each seed; written after every seed."""
    rows: list[dict[str, Any]] = [
        {"device": d, "patience": p, "accuracy": []} for d in DEVICES for p in ((0.0,) if d == IDEAL else (0.0, template.PATIENCE))
    ]
    OUT.parent.mkdir(exist_ok=True)
    for seed in range(1, seeds + 1):
        for row in rows:
            row["accuracy"].append(accuracy(row["device"], row["patience"], seed))
            print(f"seed {seed}, {row['device']}, patience {row['patience']:g}: {row['accuracy'][-1]:.1%}", flush=True)
        OUT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def table(rows: list[dict[str, Any]]) -> str:
    """The table of the page, as Markdown."""
    ideal = np.array(next(r["accuracy"] for r in rows if r["device"] == IDEAL))
    lines = ["| devices | patience | right, % | loss, points |", "|---|---|---|---|"]
    for r in rows:
        loss = "" if r["device"] == IDEAL else said(100 * (ideal - r["accuracy"]))
        lines.append(f"| {r['device']} | {r['patience']:g} | {said(100 * np.array(r['accuracy']))} | {loss} |")
    return "\n".join(lines)


def said(values: np.ndarray) -> str:
    """Mean and half the 95 % interval: `81.6 ± 0.8`."""
    mean, half = interval(values)
    return f"{mean:.1f} ± {half:.1f}"


def figure(rows: list[dict[str, Any]]) -> str:
    """The losses as points with intervals, without patience and with it."""
    ideal = np.array(next(r["accuracy"] for r in rows if r["device"] == IDEAL))
    worse = [r for r in rows if r["device"] != IDEAL]
    names = list(dict.fromkeys(r["device"] for r in worse))
    drawing = Drawing(860, 120 + 62 * len(names))
    x = Scale(-2.0, 5.0 * np.ceil(max(interval(100 * (ideal - r["accuracy"]))[0] + 4 for r in worse) / 5), 300.0, 830.0, log=False)
    bottom = 60 + 62 * len(names)
    for tick in x.ticks():
        drawing.line([(x(tick), 50), (x(tick), bottom)], "real" if tick == 0 else "grid")
        drawing.text(x(tick), bottom + 20, f"{tick:g}", "small", "middle")
    drawing.text(565, bottom + 44, f"points of accuracy lost to variable devices (ideal: {100 * ideal.mean():.1f} %)", "small", "middle")
    for k, (colour, what) in enumerate((("#e8590c", "plain rule"), ("#2f81f7", "patient rule"))):
        drawing.dot(310 + 160 * k, 24, colour)
        drawing.text(320 + 160 * k, 28, what)
    for k, name in enumerate(names):
        drawing.text(285, 86 + 62 * k, name, "", "end")
        for r in (r for r in worse if r["device"] == name):
            mean, half = interval(100 * (ideal - r["accuracy"]))
            y, colour = (90, "#2f81f7") if r["patience"] else (72, "#e8590c")
            drawing.line([(x(mean - half), y + 62 * k), (x(mean + half), y + 62 * k)], colour=colour)
            drawing.dot(x(mean), y + 62 * k, colour)
    return drawing.written("Accuracy lost to variable memristive devices, without and with the rule's patience, with 95 % intervals")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--show", action="store_true", help="measure nothing")
    args = parser.parse_args()
    if not args.show:
        measure(args.seeds)
    rows = json.loads(OUT.read_text(encoding="utf-8"))
    print(table(rows))
    (IMAGES / "memristive_digits.svg").write_text(figure(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
