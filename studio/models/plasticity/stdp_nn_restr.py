"""Pair STDP of nearest spikes, restricted to immediate pairs."""

from studio.models.spec import Param, Plasticity, State, Trace

MODEL = Plasticity(
    key="stdp_nn_restr",
    title="Nearest-spike STDP, immediate pairs",
    family="Spike timing",
    doc="Only two spikes that follow each other immediately make a pair: an arrival and the first spike of the target after it, or the other way round.",
    source="Morrison A, Diesmann M, Gerstner W (2008) Phenomenological models of synaptic plasticity based on spike timing. doi:10.1007/s00422-008-0233-1, figure 7C; Burkitt AN, Meffin H, Grayden DB (2004) doi:10.1162/089976604773135041; NEST stdp_nn_restr_synapse.",
    limits="Nearest spikes only. Spikes of both sides that reach the synapse in the same step do not pair. The whole delay is dendritic. Two numbers are kept for every synapse. A weight keeps the sign of w_max.",
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
    states=(
        State("arrived", "0", "", "1 where an arrival has come since the target's last spike."),
        State("fired", "0", "", "1 where the target has fired since the last arrival."),
    ),
    on_post="""
w = w_max*min(1, w/w_max + arrived*learning_rate*max(0, 1 - w/w_max)**mu_plus*k_plus)
arrived = 0
fired = 1
""",
    on_pre="""
w = w_max*max(0, w/w_max - fired*alpha*learning_rate*max(0, w/w_max)**mu_minus*k_minus)
arrived = 1
fired = 0
""",
)
