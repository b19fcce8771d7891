"""The networks of the benchmarks as documents: templates with settings, and a family of one size after another."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT

TEMPLATES = ROOT / "templates"
# spikes a second from outside that make a neuron of the sheet fire at so many Hz (0.5 mV each)
DRIVES = {1.0: 1_450.0, 5.0: 1_640.0, 20.0: 2_110.0, 50.0: 3_350.0}
TINY = 1e-4  # mV: synapses of the sheet cost what any cost, and leave its rate to its drive


def template(name: str, settings: dict[str, Any], into: Path) -> Path:
    """A file with the template as these settings make it: what the peers read."""
    from studio.network.build import load

    net = load(TEMPLATES / f"{name}.snn.json")
    for path, value in settings.items():
        net.set(path, value)
    return saved(net, into)


def connected(name: str, settings: dict[str, Any], connector: str, into: Path) -> Path:
    """The same with another rule for its random synapses, of the same mean degree."""
    from studio.network.build import load

    net = load(TEMPLATES / f"{name}.snn.json")
    for path, value in settings.items():
        net.set(path, value)
    main = net.document.main
    nodes = net.json["circuits"][main]["nodes"]
    for key, link in net.json["circuits"][main]["projections"].items():
        if link["connector"]["model"] == "fixed_in_degree":
            inward = link["connector"]["params"]["k"]
            made = rule(connector, inward, nodes[link["from"]]["size"], nodes[link["to"]]["size"])
            net.apply({"command": "set", "path": f"/circuits/{main}/projections/{key}/connector", "value": made})
    return saved(net, into)


def rule(connector: str, inward: int, n_source: int, n_target: int) -> dict[str, Any]:
    """A connector with `inward` synapses for each target, on average or exactly."""
    degree = inward if connector == "fixed_in_degree" else inward * n_target // n_source
    return {"model": connector, "params": {"k": degree}}


def sheet(n: int, k: int, rate: float, into: Path, connector: str = "fixed_in_degree", delay: Any = 1.5) -> Path:
    """`n` neurons, each with `k` synapses from the others and with its own noise, which alone sets how often it fires."""
    from studio.network.build import Network

    net = Network(f"Sheet of {n:,} neurons with {k:,} synapses each")
    cells = net.population(
        "Cells", n, "lif", tau_m=20.0, c_m=1.0, v_rest=0.0, v_reset=0.0, v_th=20.0, t_ref=2.0, v={"uniform": [0.0, 20.0]}
    )
    noise = net.source("Noise", n, "poisson", rate=DRIVES[rate])
    net.connect(noise, cells, {"model": "one_to_one"}, weight=0.5, delay=1.5)
    net.connect(cells, cells, rule(connector, k, n, n), weight=TINY, delay=delay)
    return saved(net, into)


def small(into: Path, neurons: int = 100) -> Path:
    """The CUBA network of a few neurons; it fires without a drive."""
    return saved(script("cuba").build(neurons / 4000), into)


def script(name: str) -> Any:
    """The module that writes a template."""
    folder = str(TEMPLATES / "scripts")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


def saved(net: Any, into: Path) -> Path:
    into.parent.mkdir(parents=True, exist_ok=True)
    net.save(into)
    return into
