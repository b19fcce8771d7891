"""Synapses that are pruned when weak and grow again by chance."""

from studio.models.spec import Param, Plasticity, Trace

MODEL = Plasticity(
    key="structural",
    title="Structural pruning and growth",
    family="Structure",
    doc="Pair STDP on synapses that come and go: at intervals a weak synapse is pruned with some probability, and an empty place grows a new one with another.",
    source="Bogdan PA et al. (2018) Structural plasticity on the SpiNNaker many-core neuromorphic system. doi:10.3389/fnins.2018.00434 (probabilities of formation and of elimination of depressed and potentiated synapses); learning between: additive STDP, Song S et al. (2000) doi:10.1038/78829.",
    limits="The projection's connector lists the potential synapses: all of them are stored and visited, a pruned one has weight 0 and delivers nothing. Growth depends neither on distance nor on activity, delays stay, and no synapse is found outside the list. A weight that depression brings to 0 is pruned. A weight keeps the sign of w_max.",
    params=(
        Param(
            "w_max",
            1.0,
            "",
            "Largest weight, in the unit of the projection's weight; negative where the synapse inhibits.",
            low=-1e6,
            high=1e6,
            role="weight_max",
        ),
        Param("learning_rate", 0.005, "", "Step of a potentiation, relative to w_max.", low=0.0, role="learning_rate"),
        Param("alpha", 1.05, "", "Strength of depression relative to potentiation.", low=0.0),
        Param("tau_plus", 20.0, "ms", "Time constant of the potentiation window.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 20.0, "ms", "Time constant of the depression window.", low=0.0, low_open=True, role="time_constant"),
        Param("weak", 0.5, "", "Below this part of w_max a synapse counts as weak.", low=0.0, high=1.0),
        Param("newborn", 0.25, "", "Weight of a new synapse, relative to w_max.", low=0.0, low_open=True, high=1.0),
        Param("p_prune_weak", 0.02, "", "Probability that a weak synapse is pruned at an interval.", low=0.0, high=1.0),
        Param("p_prune_strong", 0.0001, "", "Probability that any other synapse is pruned at an interval.", low=0.0, high=1.0),
        Param("p_grow", 0.01, "", "Probability that an empty place grows a synapse at an interval.", low=0.0, high=1.0),
        Param("interval", 100.0, "ms", "Time between two rounds of pruning and growth.", low=0.0, low_open=True),
    ),
    traces=(
        Trace("k_plus", "tau_plus", "pre", "Arrivals of the presynaptic neuron."),
        Trace("k_minus", "tau_minus", "post", "Spikes of the target."),
    ),
    on_post="w = w_max*min(1, w/w_max + learning_rate*k_plus) if w/w_max > 0 else w",
    on_pre="w = w_max*max(0, w/w_max - alpha*learning_rate*k_minus) if w/w_max > 0 else w",
    every="""
chance = uniform()
x = w/w_max
gone = chance < (p_prune_weak if x < weak else p_prune_strong)
born = chance < p_grow
w = w_max*(0 if gone else x) if x > 0 else w_max*(newborn if born else 0)
""",
    interval="interval",
)
