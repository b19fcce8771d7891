"""A document in NEST 3: the same numbers and rules, built with NEST's own models. GPL: a program beside ours, never a dependency.

python -m benchmarks.peers.nest_run network.snn.json --threads 2
"""

from __future__ import annotations

import time
from typing import Any

BEGUN = time.perf_counter()
import nest  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks.peers.answer import Answer, asked, resident, timed  # noqa: E402
from benchmarks.peers.given import Element, Given, Link, Unsupported, is_drawn, mean, read  # noqa: E402
from benchmarks.statistics import mean_cv, moments, rate  # noqa: E402

IMPORTED = time.perf_counter() - BEGUN
ASKED = 500  # neurons whose learnt weights are looked at
PA = 1000.0  # NEST's currents are pA where ours are nA; its capacitances pF where ours are nF


def main() -> None:
    args = asked(__doc__ or "")
    given = read(args.document)
    nest.set_verbosity("M_ERROR")
    before, began = resident(), time.perf_counter()
    network = prepared(given, args)
    answer = Answer("nest", nest.__version__, args.threads, IMPORTED, time.perf_counter() - began)
    answer.synapses, answer.network_bytes = network.synapses, resident() - before
    nest.Run(args.warm)
    answer.wall_s = [timed(lambda: nest.Run(args.span)) for _ in range(args.spans)]
    nest.Cleanup()
    answer.span_ms = args.span
    network.observe(answer, args.warm)
    if args.again:
        answer.again_s = timed(lambda: (prepared(given, args), nest.Run(args.span), nest.Cleanup()))
    answer.say()


def prepared(given: Given, args: Any) -> Built:
    """The network in an empty kernel, ready to run."""
    nest.ResetKernel()
    nest.set(local_num_threads=args.threads, resolution=given.dt, rng_seed=args.seed, print_time=False)
    nest.set(keep_source_table=any(link.plasticity[0] != "static" for link in given.links))
    network = Built(given)
    nest.Prepare()
    return network


class Built:
    """The network in NEST's kernel: a node collection for each population, a recorder on each."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.delta = {link.kinetics[0] == "delta" for link in given.links} == {True}
        self.nodes = {key: self._population(e) for key, e in given.populations.items()}
        self.synapses = 0
        for link in given.links:
            self._connect(link)
        self.recorders = {}
        for key, nodes in self.nodes.items():
            self.recorders[key] = nest.Create("spike_recorder")
            nest.Connect(nodes, self.recorders[key])

    def _population(self, e: Element) -> Any:
        p = e.params
        own = {
            "tau_m": p["tau_m"],
            "C_m": PA * p["c_m"],
            "E_L": p["v_rest"],
            "V_reset": p["v_reset"],
            "V_th": p["v_th"],
            "t_ref": p["t_ref"],
        }
        own |= {"I_e": PA * p["i_offset"], "V_m": drawn(p.get("v", p["v_rest"]))}
        for link in self.given.links:
            if link.target == e.key and not self.delta:
                own["tau_syn_ex" if mean(link.weight) >= 0 else "tau_syn_in"] = link.kinetics[1]["tau"]
            if link.target == e.key and link.plasticity[0] == "stdp_pair":
                own["tau_minus"] = link.plasticity[1]["tau_minus"]
        return nest.Create("iaf_psc_delta" if self.delta else "iaf_psc_exp", e.size, params=own)

    def _connect(self, link: Link) -> None:
        source, target = self.given.elements[link.source], self.nodes[link.target]
        if source.kind == "source":
            drive = nest.Create("poisson_generator", params={"rate": source.params["rate"]})
            nest.Connect(drive, target, syn_spec={"weight": self._weight(link.weight), "delay": link.delay})
            return
        before = nest.num_connections
        nest.Connect(self.nodes[link.source], target, rule(link), self._synapse(link))
        self.synapses += nest.num_connections - before

    def _weight(self, value: Any) -> Any:
        return drawn(value, 1.0 if self.delta else PA)

    def _synapse(self, link: Link) -> dict[str, Any]:
        """The leanest synapse that can say it; each its own model, because a model holds at most 134 million connections a thread."""
        kept = {"delay": drawn(link.delay)}
        if link.plasticity[0] == "stdp_pair":
            p = link.plasticity[1]
            scale = 1.0 if self.delta else PA
            shared = {"lambda": p["learning_rate"], "alpha": p["alpha"], "mu_plus": p["mu_plus"], "mu_minus": p["mu_minus"]}
            nest.CopyModel("stdp_synapse_hom", link.key, {**shared, "tau_plus": p["tau_plus"], "Wmax": scale * p["w_max"]})
            return {"synapse_model": link.key, "weight": self._weight(link.weight), **kept}
        if is_drawn(link.weight):
            name = f"{'exc' if mean(link.weight) > 0 else 'inh'}_static"
            if name not in nest.synapse_models:
                nest.CopyModel("static_synapse_hpc", name)
            return {"synapse_model": name, "weight": self._weight(link.weight), **kept}
        nest.CopyModel("static_synapse_hom_w", link.key, {"weight": self._weight(link.weight)})
        return {"synapse_model": link.key, **kept}

    def observe(self, answer: Answer, warm: float) -> None:
        """Rates, irregularity and learnt weights of what came after the warm-up."""
        seconds = answer.span_ms * len(answer.wall_s) / 1000.0
        for key, recorder in self.recorders.items():
            events = recorder.get("events")
            late = events["times"] > warm
            times, ids = np.asarray(events["times"])[late], np.asarray(events["senders"])[late]
            answer.rates[key] = rate(ids, self.given.elements[key].size, seconds)
            answer.cv[key] = mean_cv(times, ids)
        for link in self.given.links:
            if link.plasticity[0] != "static":
                some = self.nodes[link.source][:: max(1, len(self.nodes[link.source]) // ASKED)]  # asking for all takes minutes
                found = nest.GetConnections(source=some, synapse_model=link.key)
                answer.weights[link.key] = moments(np.asarray(found.weight), mean(link.weight))


def rule(link: Link) -> dict[str, Any]:
    """A connector of the catalogue as a rule of NEST."""
    model, p = link.connector
    named = {
        "probability": lambda: {"rule": "pairwise_bernoulli", "p": p["p"]},
        "fixed_in_degree": lambda: {"rule": "fixed_indegree", "indegree": p["k"]},
        "fixed_out_degree": lambda: {"rule": "fixed_outdegree", "outdegree": p["k"]},
        "fixed_total_number": lambda: {"rule": "fixed_total_number", "N": p["n"]},
        "all_to_all": lambda: {"rule": "all_to_all"},
    }
    if model not in named:
        raise Unsupported(f"{link.key}: connector {model}")
    return {**named[model](), "allow_autapses": bool(p.get("autapses", 1)), "allow_multapses": True}


def drawn(value: Any, scale: float = 1.0) -> Any:
    """A number, or a distribution as NEST's own; what is outside the bounds is drawn again."""
    if not is_drawn(value):
        return scale * value
    if "uniform" in value:
        low, high = value["uniform"]
        return nest.random.uniform(scale * low, scale * high)
    mu, sigma = value["normal"]
    normal = nest.random.normal(scale * mu, scale * sigma)
    if "min" not in value and "max" not in value:
        return normal
    return nest.math.redraw(normal, scale * value.get("min", -1e9), scale * value.get("max", 1e9))


if __name__ == "__main__":
    main()
