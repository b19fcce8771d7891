"""A document in Brian 2: the same numbers and rules, as C++ of its own (standalone) or in its runtime. CeCILL: a program beside ours, never a dependency.

python -m benchmarks.peers.brian_run network.snn.json --threads 1 --folder /tmp/b1
"""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

BEGUN = time.perf_counter()
import brian2 as b  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks.peers.answer import Answer, asked, resident, timed  # noqa: E402
from benchmarks.peers.given import Element, Given, Link, Unsupported, is_drawn, read  # noqa: E402
from benchmarks.statistics import mean_cv, moments, rate  # noqa: E402

IMPORTED = time.perf_counter() - BEGUN
INPUTS = 1000  # a Poisson drive is the sum of so many trains: the number in a step is binomial, and as good as Poisson
STDP = """w : 1
dka/dt = -ka / tau_plus : 1 (event-driven)
dkb/dt = -kb / tau_minus : 1 (event-driven)"""
# the built program itself writes the most memory it had: what its parent sees would count the parent
PEAK = """{ std::ifstream said("/proc/self/status"); std::ofstream kept("peak.txt"); std::string line;
  while (std::getline(said, line)) if (line.rfind("VmHWM:", 0) == 0) kept << line.substr(6); }"""


def _more(parser: Any) -> None:
    parser.add_argument("--target", choices=["standalone", "cython", "numpy"], default="standalone")
    parser.add_argument("--folder", type=Path, help="where the program is built; kept, so that a second process finds it compiled")


def main() -> None:
    args = asked(__doc__ or "", _more)
    given = read(args.document)
    temporary = None if args.folder else tempfile.mkdtemp()
    folder = args.folder or Path(str(temporary))
    standalone = args.target == "standalone"
    if standalone:
        b.set_device("cpp_standalone", build_on_run=False)
        b.prefs.devices.cpp_standalone.openmp_threads = args.threads if args.threads > 1 else 0
    else:
        b.prefs.codegen.target = args.target
    b.defaultclock.dt = given.dt * b.ms
    b.seed(args.seed)
    before, began = resident(), time.perf_counter()
    network = Built(given, args.seed)
    answer = Answer(f"brian2 {args.target}", b.__version__, args.threads, IMPORTED, time.perf_counter() - began, span_ms=args.span)
    try:
        (_standalone if standalone else _runtime)(args, network, answer, folder)
        network.observe(answer, args.warm)
        if args.again and not standalone:
            answer.again_s = timed(lambda: Built(given, args.seed).net.run(args.span * b.ms))
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
    answer.network_bytes = max(0, answer.peak_bytes - (0 if standalone else before))
    answer.say()


def _standalone(args: Any, network: Built, answer: Answer, folder: Path) -> None:
    """Two spans in one program; Brian keeps the time of the last one (CPU time where it has one thread)."""
    if args.warm:
        network.net.run(args.warm * b.ms)
    network.net.run(args.span * b.ms)
    b.device.insert_code("after_end", PEAK)
    answer.compile_s = timed(lambda: b.device.build(directory=str(folder), compile=True, run=False, debug=False, clean=False))
    whole = timed(lambda: b.device.run(str(folder), with_output=False, run_args=[]))
    answer.wall_s = [b.device._last_run_time]
    answer.notes = f"whole program {whole:.3f} s"
    answer.peak_bytes = 1024 * int((folder / "peak.txt").read_text().split()[0])


def _runtime(args: Any, network: Built, answer: Answer, folder: Path) -> None:
    """The first span compiles or loads what it needs; without a warm-up it is measured with that."""
    if args.warm:
        answer.compile_s = timed(lambda: network.net.run(args.warm * b.ms))
    answer.wall_s = [timed(lambda: network.net.run(args.span * b.ms)) for _ in range(args.spans)]
    answer.peak_bytes = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Built:
    """The network as Brian's groups; voltages in mV, currents as the voltage they would hold."""

    def __init__(self, given: Given, seed: int) -> None:
        self.given = given
        self.random = np.random.default_rng(seed)
        self.delta = {link.kinetics[0] == "delta" for link in given.links} == {True}
        self.groups = {key: self._population(e) for key, e in given.populations.items()}
        self.monitors = {key: b.SpikeMonitor(group) for key, group in self.groups.items()}
        self.inputs, self.synapses = [], {}
        for link in given.links:
            self._connect(link)
        self.net = b.Network(*self.groups.values(), *self.monitors.values(), *self.inputs, *self.synapses.values())

    def _receptor(self, link: Link) -> str:
        """The variable that a spike of this projection moves: one for each time constant."""
        return "v" if self.delta else f"i{str(link.kinetics[1]['tau']).replace('.', '_')}"

    def _population(self, e: Element) -> Any:
        p = e.params
        taus = {} if self.delta else {self._receptor(x): x.kinetics[1]["tau"] for x in self.given.links if x.target == e.key}
        current = " + ".join(["(v_rest - v)", *taus, *([f"{p['i_offset'] * p['tau_m'] / p['c_m']!r}"] if p["i_offset"] else [])])
        lines = [f"dv/dt = ({current}) / tau_m : 1 (unless refractory)"]
        lines += [f"d{name}/dt = -{name} / ({tau!r} * ms) : 1" for name, tau in taus.items()]
        numbers = {"v_rest": p["v_rest"], "v_th": p["v_th"], "v_reset": p["v_reset"], "tau_m": p["tau_m"] * b.ms}
        group = b.NeuronGroup(
            e.size,
            "\n".join(lines),
            threshold="v >= v_th",
            reset="v = v_reset",
            refractory=p["t_ref"] * b.ms,
            method="exact",
            namespace=numbers,
        )
        start = p.get("v", p["v_rest"])
        group.v = self._drawn(start, e.size) if is_drawn(start) else start
        return group

    def _drawn(self, value: dict[str, Any], n: int) -> np.ndarray:
        if "min" in value or "max" in value:
            raise Unsupported("a bounded distribution")
        name, numbers = next((k, v) for k, v in value.items() if k in ("uniform", "normal"))
        return getattr(self.random, name)(*numbers, n)

    def _unit(self, link: Link) -> float:
        """From the weight's unit to the mV that the group counts in."""
        p = self.given.elements[link.target].params
        return 1.0 if self.delta else p["tau_m"] / p["c_m"]

    def _connect(self, link: Link) -> None:
        if is_drawn(link.weight) or is_drawn(link.delay):
            raise Unsupported(f"{link.key}: drawn weights or delays")
        source, target = self.given.elements[link.source], self.groups[link.target]
        weight = link.weight * self._unit(link)
        if source.kind == "source":
            one = source.params["rate"] / INPUTS * b.Hz
            self.inputs.append(b.PoissonInput(target, self._receptor(link), INPUTS, one, weight=weight))
            return
        made = self._learning(link) if link.plasticity[0] == "stdp_pair" else self._static(link, weight)
        self._fill(made, link)
        if link.plasticity[0] == "stdp_pair":
            made.w = weight
        self.synapses[link.key] = made

    def _static(self, link: Link, weight: float) -> Any:
        return b.Synapses(
            self.groups[link.source], self.groups[link.target], on_pre=f"{self._receptor(link)}_post += {weight!r}", delay=link.delay * b.ms
        )

    def _learning(self, link: Link) -> Any:
        p = link.plasticity[1]
        if p["mu_plus"] or p["mu_minus"]:
            raise Unsupported(f"{link.key}: only additive STDP")
        limit = p["w_max"] * self._unit(link)
        down, up = p["alpha"] * p["learning_rate"] * limit, p["learning_rate"] * limit
        return b.Synapses(
            self.groups[link.source],
            self.groups[link.target],
            STDP,
            on_pre=f"{self._receptor(link)}_post += w\nka += 1\nw = clip(w - {down!r} * kb, 0, {limit!r})",
            on_post=f"kb += 1\nw = clip(w + {up!r} * ka, 0, {limit!r})",
            delay={"pre": link.delay * b.ms},
            namespace={"tau_plus": p["tau_plus"] * b.ms, "tau_minus": p["tau_minus"] * b.ms},
        )

    def _fill(self, made: Any, link: Link) -> None:
        model, p = link.connector
        n_source, n_target = self.given.elements[link.source].size, self.given.elements[link.target].size
        if model == "probability":
            made.connect(p=p["p"])
        elif model == "fixed_in_degree":
            made.connect(i=self.random.integers(0, n_source, p["k"] * n_target), j=np.repeat(np.arange(n_target), p["k"]))
        elif model == "fixed_out_degree":
            made.connect(i=np.repeat(np.arange(n_source), p["k"]), j=self.random.integers(0, n_target, p["k"] * n_source))
        else:
            raise Unsupported(f"{link.key}: connector {model}")

    def observe(self, answer: Answer, warm: float) -> None:
        """Rates, irregularity and learnt weights of what came after the warm-up."""
        seconds = answer.span_ms * len(answer.wall_s) / 1000.0
        for key, monitor in self.monitors.items():
            times, ids = np.asarray(monitor.t / b.ms), np.asarray(monitor.i)
            late = times >= warm
            answer.rates[key] = rate(ids[late], self.given.elements[key].size, seconds)
            answer.cv[key] = mean_cv(times[late], ids[late])
        for link in self.given.links:
            if link.key in self.synapses:
                answer.synapses += len(self.synapses[link.key])
            if link.plasticity[0] != "static":
                answer.weights[link.key] = moments(np.asarray(self.synapses[link.key].w) / self._unit(link), link.weight)


if __name__ == "__main__":
    main()
