"""Triplet STDP of Pfister and Gerstner with nearest spikes."""

from studio.models.spec import Param, Plasticity, Preset, Trace

PAPER = "Pfister JP, Gerstner W (2006) doi:10.1523/JNEUROSCI.1425-06.2006"

MODEL = Plasticity(
    key="stdp_triplet_nearest",
    title="Triplet STDP, nearest spikes",
    family="Spike timing",
    doc="Pairs and triplets of spikes change the weight; of each side only the last spike counts.",
    source="Pfister JP, Gerstner W (2006) Triplets of spikes in a model of spike timing-dependent plasticity. doi:10.1523/JNEUROSCI.1425-06.2006; NESTML stdp_triplet_nn_synapse with amplitudes divided by w_max.",
    limits="Only the last spike counts in every trace. The whole delay is dendritic. Hard bounds, no dependence on the weight, no voltage. A weight keeps the sign of w_max.",
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
        Param("a2_plus", 8.8e-11, "", "Potentiation by a pair, relative to w_max.", low=0.0, role="learning_rate"),
        Param("a3_plus", 5.3e-2, "", "Potentiation by a triplet (post, pre, post), relative to w_max.", low=0.0, role="learning_rate"),
        Param("a2_minus", 6.6e-3, "", "Depression by a pair, relative to w_max.", low=0.0, role="learning_rate"),
        Param("a3_minus", 3.1e-3, "", "Depression by a triplet (pre, post, pre), relative to w_max.", low=0.0, role="learning_rate"),
        Param("tau_plus", 16.8, "ms", "Time constant of the fast trace of arrivals.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 33.7, "ms", "Time constant of the fast trace of the target.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_x", 714.0, "ms", "Time constant of the slow trace of arrivals.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_y", 40.0, "ms", "Time constant of the slow trace of the target.", low=0.0, low_open=True, role="time_constant"),
    ),
    presets=(
        Preset(
            "visual_cortex",
            "Visual cortex, full model",
            f"{PAPER}, table 3, nearest spike.",
            {"a2_plus": 8.8e-11, "a3_plus": 5.3e-2, "a2_minus": 6.6e-3, "a3_minus": 3.1e-3, "tau_x": 714.0, "tau_y": 40.0},
        ),
        Preset(
            "visual_cortex_minimal",
            "Visual cortex, minimal model",
            f"{PAPER}, table 3, nearest spike.",
            {"a2_plus": 0.0, "a3_plus": 5e-2, "a2_minus": 8e-3, "a3_minus": 0.0, "tau_y": 40.0},
        ),
    ),
    traces=(
        Trace("r1", "tau_plus", "pre", "The last arrival, fast.", nearest=True),
        Trace("r2", "tau_x", "pre", "The last arrival, slow.", nearest=True),
        Trace("o1", "tau_minus", "post", "The target's last spike, fast.", nearest=True),
        Trace("o2", "tau_y", "post", "The target's last spike, slow.", nearest=True),
    ),
    on_post="w = w_max*min(1, w/w_max + r1*(a2_plus + a3_plus*o2))",
    on_pre="w = w_max*max(0, w/w_max - o1*(a2_minus + a3_minus*r2))",
)
