"""Spike-timing-dependent plasticity sorts the inputs of one neuron into strong and weak ones."""

from studio.network.build import Network, all_to_all

INPUTS, W_MAX = 500, 0.6
LAYOUT = {"inputs": (0, 60), "neuron": (320, 60)}
DESCRIPTION = (
    f"{INPUTS} Poisson inputs compete for the spikes of one neuron by additive pair STDP, depression a little stronger than potentiation. All weights begin in the middle; "
    "they part into a strong and a weak group while the firing rate settles. Give the projection the device “Soft bounds” with the same largest weight, and the two groups melt into one. "
    "Source: Song, Miller and Abbott 2000, doi:10.1038/78829, with voltage jumps in the place of conductances."
)


def build() -> Network:
    net = Network("Synaptic competition")
    inputs = net.source("Inputs", INPUTS, "poisson", rate=15.0)
    neuron = net.population("Neuron", 1, "lif", tau_m=20.0, c_m=0.2, v_rest=-70.0, v_reset=-60.0, v_th=-54.0, t_ref=1.0)
    rule = (
        "stdp_pair",
        {"w_max": W_MAX, "learning_rate": 0.02, "alpha": 1.05, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 20.0, "tau_minus": 20.0},
    )
    net.connect(inputs, neuron, all_to_all(), weight=W_MAX / 2, delay=1.0, plasticity=rule)
    net.run(duration=100_000.0, dt=0.5)
    return net
