"""The figures of docs/guide/templates.md that need one run each: letters learnt, states sampled, touches of the worm.

    python templates/scripts/templates_figures.py [NAME ...]          # writes docs/images/memristive_patterns.svg, boltzmann_sampler.svg, c_elegans.svg

The tables' figures are written by `memristive_digits_table.py`, `crossbar_conv_table.py` and `drift_table.py`.
"""

from __future__ import annotations

import sys

import boltzmann_sampler
import c_elegans
import memristive_patterns
import numpy as np
from figures import IMAGES, ROOT, Drawing, Scale, picture

from studio.analysis import boltzmann
from studio.engine.run import simulate
from studio.network.build import load

BLUE, ORANGE, GREEN, VIOLET = "#2f81f7", "#e8590c", "#2da44e", "#8a63d2"


def letters() -> str:
    """What each neuron's weights look like after learning, on ideal and on two kinds of variable devices."""
    rows = {
        "Ideal": ("ideal", 0.0),
        "HfO2, plain rule": (memristive_patterns.DEVICE, 0.0),
        "HfO2, patient rule": (memristive_patterns.DEVICE, 0.1),
        "RRAM array, plain rule": (("linear_step", {"preset": "reram_array_om", "w_max": memristive_patterns.W_MAX}), 0.0),
        "RRAM array, patient rule": (("linear_step", {"preset": "reram_array_om", "w_max": memristive_patterns.W_MAX}), 0.1),
    }
    drawing = Drawing(760, 30 + 100 * len(rows))
    for k, (name, (device, patience)) in enumerate(rows.items()):
        learnt = simulate(memristive_patterns.build(device), set={"p1.plasticity.patience": patience}).weights["p1"]
        fields = np.zeros((memristive_patterns.NEURONS, 64))
        fields[learnt.targets, learnt.sources] = learnt.weights / memristive_patterns.W_MAX
        drawing.text(190, 65 + 100 * k, name, "", "end")
        for neuron, field in enumerate(fields):
            picture(drawing, 215 + 105 * neuron, 20 + 100 * k, 10, field.reshape(8, 8))
    return drawing.written("Weights of five neurons after learning letters, on ideal and on variable devices")


def sampled() -> str:
    """How often each state was met, against its probability, for both kinds of unit."""
    net = load(ROOT / "templates" / "boltzmann_sampler.snn.json")
    paths = {"known_logistic": ("logistic units", BLUE), "known_noisy": ("noisy comparators", ORANGE)}
    recording = simulate(net, 1_000_000.0, record=[(path, "z", 5.0) for path in paths])
    wanted = boltzmann.exact(*boltzmann_sampler.machine())
    drawing = Drawing(860, 440)
    for k, (path, (name, colour)) in enumerate(paths.items()):
        found = boltzmann.empirical(recording.traces[path, "z"].values)
        left = 75 + 410 * k
        x, y = Scale(1e-5, 0.3, left, left + 350), Scale(4e-6, 0.3, 370, 50)
        for tick in x.ticks():
            drawing.line([(left, y(tick)), (left + 350, y(tick))], "grid")
            drawing.text(x(tick), 390, _share(tick), "small", "middle")
            drawing.text(left - 6, y(tick) + 4, _share(tick), "small", "end")
        drawing.line([(x(1e-5), y(1e-5)), (x(0.3), y(0.3))], "real")
        drawing.text(left, 34, f"{name}: divergence {boltzmann.divergence(found, wanted):.4f} nats", "title")
        for p, q in zip(found, wanted, strict=True):
            if p > 0 and q > 1e-5:
                drawing.parts.append(f'<circle cx="{x(q):.1f}" cy="{y(p):.1f}" r="2" fill="{colour}" fill-opacity="0.5"/>')
        drawing.text(left + 175, 420, "probability by enumeration", "small", "middle")
    drawing.text(16, 210, "share of 200,000 samples", "small", "middle", -90)
    return drawing.written("States of a Boltzmann machine of ten units: how often they were sampled against their probability")


def _share(tick: float) -> str:
    return f"{100 * tick:.10g} %"


def touches() -> str:
    """Voltages of command interneurons during the three touches."""
    cells = {"PVCL": ORANGE, "AVDL": BLUE, "AVAL": GREEN, "AVBL": VIOLET}
    recording = simulate(load(ROOT / "templates" / "c_elegans.snn.json"), record=[("inter", "v", 20.0)])
    trace = recording.traces["inter", "v"]
    start = np.searchsorted(trace.times, c_elegans.FIRST - 1.0)
    drawing = Drawing(860, 350)
    x, y = Scale(0.0, recording.duration / 1000.0, 70.0, 830.0, log=False), Scale(-1.0, 11.0, 290.0, 60.0, log=False)
    for k, (where, touched) in enumerate(c_elegans.TOUCHED.items()):
        begin = (c_elegans.FIRST + k * (c_elegans.LONG + c_elegans.PAUSE)) / 1000.0
        a, b = x(begin), x(begin + c_elegans.LONG / 1000.0)
        drawing.parts.append(f'<rect x="{a:.1f}" y="60" width="{b - a:.1f}" height="230" fill="#808a94" fill-opacity="0.14"/>')
        drawing.text((a + b) / 2, 78, f"{where}: {', '.join(touched)}", "small", "middle")
    for tick in range(0, 11, 2):
        drawing.line([(70, y(tick)), (830, y(tick))], "grid")
        drawing.text(62, y(tick) + 4, f"{tick}", "small", "end")
    for tick in range(10):
        drawing.text(x(tick), 310, f"{tick}", "small", "middle")
    drawing.text(450, 336, "time, s", "small", "middle")
    drawing.text(20, 175, "voltage above rest, mV", "small", "middle", -90)
    for k, (name, colour) in enumerate(cells.items()):
        v = trace.values[:, c_elegans.place(name)[1]]
        drawing.line([(x(t / 1000.0), y(float(u))) for t, u in zip(trace.times, v - v[start], strict=True)], colour=colour)
        drawing.dot(80 + 90 * k, 30, colour)
        drawing.text(90 + 90 * k, 34, name)
    return drawing.written("Voltages of command interneurons of the worm while it is touched at the tail, the head and the nose")


def main() -> None:
    drawn = {"memristive_patterns": letters, "boltzmann_sampler": sampled, "c_elegans": touches}
    for name, draw in ((n, drawn[n]) for n in sys.argv[1:] or drawn):
        (IMAGES / f"{name}.svg").write_text(draw(), encoding="utf-8")
        print(f"wrote {name}.svg", flush=True)


if __name__ == "__main__":
    main()
