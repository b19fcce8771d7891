"""Pair STDP whose potentiation follows a power of the weight, fitted to hippocampal data."""

from studio.models.spec import Param, Plasticity, Preset, Trace

MODEL = Plasticity(
    key="stdp_power_law",
    title="Power-law STDP",
    family="Spike timing",
    doc="Potentiation grows as a power below one of the weight, depression in proportion to it: a stable, one-peaked distribution of weights without a bound.",
    source="Morrison A, Aertsen A, Diesmann M (2007) Spike-timing-dependent plasticity in balanced random networks. doi:10.1162/neco.2007.19.7.1756; NEST stdp_pl_synapse_hom.",
    limits="No upper bound. Every pair of spikes counts (all-to-all). The whole delay is dendritic. A weight of zero stays zero. A weight keeps the sign of w_0.",
    params=(
        Param(
            "w_0",
            1.0,
            "",
            "Reference weight, in the unit of the projection's weight; negative where the synapse inhibits.",
            low=-1e6,
            high=1e6,
            role="weight_max",
        ),
        Param(
            "learning_rate",
            0.1,
            "",
            "Step of a potentiation at the reference weight, relative to it (lambda).",
            low=0.0,
            role="learning_rate",
        ),
        Param("alpha", 0.11, "", "Strength of depression relative to potentiation.", low=0.0),
        Param("mu", 0.4, "", "Exponent of potentiation.", low=0.0, high=1.0),
        Param("tau_plus", 20.0, "ms", "Time constant of the potentiation window.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 20.0, "ms", "Time constant of the depression window.", low=0.0, low_open=True, role="time_constant"),
    ),
    presets=(
        Preset(
            "morrison_2007",
            "Morrison 2007",
            "Morrison A, Aertsen A, Diesmann M (2007) doi:10.1162/neco.2007.19.7.1756, fit to Bi and Poo 1998, whose reference w_0 is 1 pA.",
            {"learning_rate": 0.1, "alpha": 0.11, "mu": 0.4, "tau_plus": 20.0, "tau_minus": 20.0},
        ),
    ),
    traces=(
        Trace("k_plus", "tau_plus", "pre", "Arrivals of the presynaptic neuron."),
        Trace("k_minus", "tau_minus", "post", "Spikes of the target."),
    ),
    on_post="w = w_0*(w/w_0 + learning_rate*max(0, w/w_0)**mu*k_plus)",
    on_pre="w = w_0*max(0, w/w_0 - alpha*learning_rate*w/w_0*k_minus)",
)
