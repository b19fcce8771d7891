"""Triplet spike-timing-dependent plasticity of Pfister and Gerstner."""

from studio.models.spec import Param, Plasticity, Preset, Trace

PAPER = "Pfister JP, Gerstner W (2006) doi:10.1523/JNEUROSCI.1425-06.2006"

MODEL = Plasticity(
    key="stdp_triplet",
    title="Triplet STDP",
    family="Spike timing",
    doc="Pairs and triplets of spikes change the weight, so that potentiation grows with the frequency of pairing, as measured in cortex and hippocampus.",
    source="Pfister JP, Gerstner W (2006) Triplets of spikes in a model of spike timing-dependent plasticity. doi:10.1523/JNEUROSCI.1425-06.2006; NEST stdp_triplet_synapse with amplitudes divided by w_max.",
    limits="Every spike counts in every trace (all-to-all); the nearest-spike fits of the paper need stdp_triplet_nearest. The whole delay is dendritic. Hard bounds, no dependence on the weight, no voltage. A weight keeps the sign of w_max.",
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
        Param("a2_plus", 5e-10, "", "Potentiation by a pair, relative to w_max.", low=0.0, role="learning_rate"),
        Param("a3_plus", 6.2e-3, "", "Potentiation by a triplet (post, pre, post), relative to w_max.", low=0.0, role="learning_rate"),
        Param("a2_minus", 7e-3, "", "Depression by a pair, relative to w_max.", low=0.0, role="learning_rate"),
        Param("a3_minus", 2.3e-4, "", "Depression by a triplet (pre, post, pre), relative to w_max.", low=0.0, role="learning_rate"),
        Param("tau_plus", 16.8, "ms", "Time constant of the fast trace of arrivals.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 33.7, "ms", "Time constant of the fast trace of the target.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_x", 101.0, "ms", "Time constant of the slow trace of arrivals.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_y", 125.0, "ms", "Time constant of the slow trace of the target.", low=0.0, low_open=True, role="time_constant"),
    ),
    presets=(
        Preset(
            "visual_cortex",
            "Visual cortex, full model",
            f"{PAPER}, table 3, all-to-all; NEST's defaults.",
            {"a2_plus": 5e-10, "a3_plus": 6.2e-3, "a2_minus": 7e-3, "a3_minus": 2.3e-4, "tau_x": 101.0, "tau_y": 125.0},
        ),
        Preset(
            "visual_cortex_minimal",
            "Visual cortex, minimal model",
            f"{PAPER}, table 3, all-to-all.",
            {"a2_plus": 0.0, "a3_plus": 6.5e-3, "a2_minus": 7.1e-3, "a3_minus": 0.0, "tau_y": 114.0},
        ),
        Preset(
            "hippocampus",
            "Hippocampal culture, full model",
            f"{PAPER}, table 4, all-to-all.",
            {"a2_plus": 6.1e-3, "a3_plus": 6.7e-3, "a2_minus": 1.6e-3, "a3_minus": 1.4e-3, "tau_x": 946.0, "tau_y": 27.0},
        ),
        Preset(
            "hippocampus_minimal",
            "Hippocampal culture, minimal model",
            f"{PAPER}, table 4, all-to-all.",
            {"a2_plus": 5.3e-3, "a3_plus": 8e-3, "a2_minus": 3.5e-3, "a3_minus": 0.0, "tau_y": 40.0},
        ),
    ),
    traces=(
        Trace("r1", "tau_plus", "pre", "Arrivals, fast."),
        Trace("r2", "tau_x", "pre", "Arrivals, slow."),
        Trace("o1", "tau_minus", "post", "Spikes of the target, fast."),
        Trace("o2", "tau_y", "post", "Spikes of the target, slow."),
    ),
    on_post="w = w_max*min(1, w/w_max + r1*(a2_plus + a3_plus*o2))",
    on_pre="w = w_max*max(0, w/w_max - o1*(a2_minus + a3_minus*r2))",
)
