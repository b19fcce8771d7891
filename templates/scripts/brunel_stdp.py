"""Brunel's balanced network with learning synapses among its excitatory neurons."""

import brunel

from studio.network.build import Network

W_MAX, LEARNING_RATE, ALPHA, TAU = 0.2, 1e-4, 1.0, 20.0
RULE = {"w_max": W_MAX, "learning_rate": LEARNING_RATE, "alpha": ALPHA, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": TAU, "tau_minus": TAU}
LAYOUT = brunel.LAYOUT
DESCRIPTION = (
    f"The balanced network of the template “brunel” (its neurons reset to rest), where the {brunel.EXC * brunel.IN_EXC:,} synapses among the excitatory neurons learn "
    "by additive pair STDP, so slowly that the activity stays as it is: weights diffuse. It shows what learning costs; raise the learning rate to see it work. "
    "Source: Brunel 2000, doi:10.1023/A:1008925309027; the rule: Gütig et al. 2003, doi:10.1523/JNEUROSCI.23-09-03697.2003."
)


def build() -> Network:
    net = brunel.build()
    net.apply({"command": "set", "path": "/name", "value": "Learning in a balanced network"})
    for population in ("excitatory", "inhibitory"):
        net.set(f"{population}.v_reset", 0.0)
    place = f"/circuits/{net.document.main}/projections/p3/plasticity"
    net.apply({"command": "set", "path": place, "value": {"model": "stdp_pair", "params": RULE}})
    net.run(duration=500.0)
    return net
