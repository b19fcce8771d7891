"""The cortical microcircuit below one square millimetre of surface, with all its neurons and synapses.

python templates/scripts/microcircuit.py --scale 0.1 small.snn.json     # a tenth of the neurons and of their inputs
"""

from __future__ import annotations

import argparse
import math
from typing import Any

from studio.network.build import Network, fixed_total_number, one_to_one

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20_683, 5_834, 21_915, 5_479, 4_850, 1_065, 14_395, 2_948)
P = (  # probability of at least one synapse: a row for each target, a column for each source
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443),
)
INPUTS = (1_600, 1_500, 2_100, 1_900, 2_000, 1_900, 2_900, 2_100)  # synapses from outside, of each neuron
RATE = 8.0  # Hz, of each of them
RATES = (0.90, 2.98, 4.40, 5.88, 7.70, 8.63, 1.11, 7.84)  # Hz, of the whole network; a smaller one is corrected for what it lacks
TAU_M, C_M, TAU_SYN = 10.0, 0.25, 0.5  # ms, nF, ms
V_START = ((-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94), (-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46), (-61.43, 4.48))
PSP, G, SPREAD = 0.15, -4.0, 0.1  # mV; inhibition over excitation; standard deviation of a weight over its mean
DELAY_EXC, DELAY_INH, DELAY_IN, DT = (1.5, 0.75), (0.8, 0.4), 1.5, 0.1  # ms: mean and standard deviation

# layers from top to bottom, excitatory neurons on the left, inhibitory ones on the right, inputs outside
X_INPUT, X_NEURONS, ROW = (0, 1280), (380, 900), 260
LAYOUT = {name.lower(): (X_NEURONS[k % 2], ROW * (k // 2)) for k, name in enumerate(NAMES)} | {
    f"input_{name.lower()}": (X_INPUT[k % 2], ROW * (k // 2)) for k, name in enumerate(NAMES)
}
DESCRIPTION = (
    f"{sum(SIZES):,} neurons in four layers, each with an excitatory and an inhibitory population, and every one of their 298,880,968 synapses; weights and delays are drawn "
    "from normal distributions. Layers fire at the rates of resting cortex, 1 to 9 Hz. One run needs about 2 GiB of memory; weights are kept in a table of 256 values for each projection. "
    "A smaller one: python templates/scripts/microcircuit.py --scale 0.1 small.snn.json. "
    "Source: Potjans and Diesmann 2014, doi:10.1093/cercor/bhs358, tables 4 and 5 (numbers taken from the article; the script is the studio's, BSD-3-Clause); "
    "start voltages: Rhodes et al. 2020, doi:10.1098/rsta.2019.0160."
)


def peak_current() -> float:
    """Current [nA] whose exponential decay moves the voltage by PSP at its highest point."""
    ratio = TAU_SYN / TAU_M
    peak = ratio ** (ratio / (1 - ratio)) - ratio ** (1 / (1 - ratio))
    return PSP * C_M * (1 - ratio) / (TAU_SYN * peak)


def synapses(target: int, source: int) -> int:
    """Synapses between two whole populations: draws with replacement that leave a pair without one with probability 1 - P."""
    pairs = SIZES[source] * SIZES[target]
    return round(math.log(1 - P[target][source]) / math.log(1 - 1 / pairs))


def weight(target: int, source: int) -> float:
    """Mean weight [nA]; synapses from the excitatory neurons of layer 4 to those of layer 2/3 are twice as strong."""
    return peak_current() * (G if source % 2 else 2.0 if (target, source) == (0, 2) else 1.0)


def missing_current(target: int, scale: float) -> float:
    """Constant current [nA] that stands for the mean of the inputs a smaller network has lost (van Albada et al. 2015)."""
    arriving = INPUTS[target] * RATE * peak_current()
    arriving += sum(synapses(target, s) / SIZES[target] * RATES[s] * weight(target, s) for s in range(len(NAMES)))
    return 1e-3 * TAU_SYN * (1 - math.sqrt(scale)) * arriving


def build(scale: float = 1.0) -> Network:
    """The network; below 1, `scale` of its neurons with `scale` of their inputs, weights larger by 1 / sqrt(scale)."""
    net = Network("Cortical microcircuit" if scale == 1.0 else f"Cortical microcircuit, {100 * scale:g} %")
    made = [_population(net, k, scale) for k in range(len(NAMES))]
    for target in range(len(NAMES)):
        for source in range(len(NAMES)):
            n = round(synapses(target, source) * scale**2)
            if n:
                _connect(
                    net, made[source], made[target], n, weight(target, source) / math.sqrt(scale), DELAY_INH if source % 2 else DELAY_EXC
                )
    net.run(duration=1000.0, weights="table256")
    return net


def _population(net: Network, k: int, scale: float) -> Any:
    """A population with its own Poisson input."""
    mean, deviation = V_START[k]
    lif: dict[str, Any] = {"tau_m": TAU_M, "c_m": C_M, "v_rest": -65.0, "v_reset": -65.0, "v_th": -50.0, "t_ref": 2.0}
    if scale != 1.0:
        lif["i_offset"] = missing_current(k, scale)
    size = round(SIZES[k] * scale)
    made = net.population(NAMES[k], size, "lif", v={"normal": [mean, deviation]}, **lif)
    drive = net.source(f"Input {NAMES[k]}", size, "poisson", rate=RATE * INPUTS[k] * scale)
    receptor = ("exponential", {"tau": TAU_SYN})
    net.connect(drive, made, one_to_one(), kinetics=receptor, weight=peak_current() / math.sqrt(scale), delay=DELAY_IN)
    return made


def _connect(net: Network, source: Any, target: Any, n: int, mean: float, delay: tuple[float, float]) -> None:
    """`n` synapses; a weight that would change its sign and a delay below one step are drawn again."""
    drawn: dict[str, Any] = {"normal": [mean, SPREAD * abs(mean)], "min" if mean > 0 else "max": 0.0}
    late = {"normal": list(delay), "min": DT}
    net.connect(source, target, fixed_total_number(n), kinetics=("exponential", {"tau": TAU_SYN}), weight=drawn, delay=late)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--scale", type=float, default=1.0)
    asked.add_argument("file")
    given = asked.parse_args()
    build(given.scale).save(given.file)
