"""One neuron, one current: the membrane charges, crosses threshold, fires; and what a spike does to two others."""

from studio.network.build import Network

LAYOUT = {"pulse": (0, 80), "neuron": (280, 80), "follower": (560, 0), "adder": (560, 180)}
DESCRIPTION = (
    "A current pulse charges a leaky integrate-and-fire neuron until it fires, again and again. One synapse is strong enough to make a second neuron follow "
    "every spike; a weaker one needs three spikes in a row. Source: Lapicque 1907; Gerstner et al. 2014, Neuronal Dynamics, chapter 1, doi:10.1017/CBO9781107447615."
)


def build() -> Network:
    net = Network("First spike")
    pulse = net.source("Pulse", 1, "step_current", amplitude=0.4, start=100, stop=400)
    lif = {"tau_m": 20.0, "c_m": 0.25, "t_ref": 2.0}
    neuron = net.population("Neuron", 1, "lif", **lif)
    follower = net.population("Follower", 1, "lif", **lif)
    adder = net.population("Adder", 1, "lif", **{**lif, "tau_m": 50.0})
    net.connect(pulse, neuron)
    net.connect(neuron, follower, weight=20.0, delay=2.0)
    net.connect(neuron, adder, weight=8.0, delay=2.0)
    net.run(duration=500.0)
    for node in (neuron, follower, adder):
        net.record(node)
        net.record(node, "v", every=0.5)
    return net
