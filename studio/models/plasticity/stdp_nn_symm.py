"""Pair STDP of nearest spikes, symmetric scheme."""

from studio.models.spec import Param, Plasticity, Trace

MODEL = Plasticity(
    key="stdp_nn_symm",
    title="Nearest-spike STDP, symmetric",
    family="Spike timing",
    doc="Each spike pairs with the last spike of the other side only.",
    source="Morrison A, Diesmann M, Gerstner W (2008) Phenomenological models of synaptic plasticity based on spike timing. doi:10.1007/s00422-008-0233-1, figure 7A; NEST stdp_nn_symm_synapse.",
    limits="Nearest spikes only; with exponential windows and a power law in the weight. The whole delay is dendritic. A weight keeps the sign of w_max.",
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
        Param("learning_rate", 0.01, "", "Step of a potentiation, relative to w_max (lambda in NEST).", low=0.0, role="learning_rate"),
        Param("alpha", 1.0, "", "Strength of depression relative to potentiation.", low=0.0),
        Param("mu_plus", 1.0, "", "How potentiation depends on the weight: 0 not at all, 1 in proportion to what is missing.", low=0.0),
        Param("mu_minus", 1.0, "", "How depression depends on the weight: 0 not at all, 1 in proportion to it.", low=0.0),
        Param("tau_plus", 20.0, "ms", "Time constant of the potentiation window.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 20.0, "ms", "Time constant of the depression window.", low=0.0, low_open=True, role="time_constant"),
    ),
    traces=(
        Trace("k_plus", "tau_plus", "pre", "The last arrival.", nearest=True),
        Trace("k_minus", "tau_minus", "post", "The last spike of the target.", nearest=True),
    ),
    on_post="w = w_max*min(1, w/w_max + learning_rate*max(0, 1 - w/w_max)**mu_plus*k_plus)",
    on_pre="w = w_max*max(0, w/w_max - alpha*learning_rate*max(0, w/w_max)**mu_minus*k_minus)",
)
