"""Pair-based spike-timing-dependent plasticity with a power law in the weight."""

from studio.models.spec import Param, Plasticity, Preset, Trace

MODEL = Plasticity(
    key="stdp_pair",
    title="Pair STDP",
    family="Spike timing",
    doc="A weight grows when its spike arrives before the target fires and shrinks when it arrives after.",
    source="Gütig R et al. (2003) Learning input correlations through nonlinear temporally asymmetric Hebbian plasticity. doi:10.1523/JNEUROSCI.23-09-03697.2003; NEST stdp_synapse. mu = 0 is additive, mu = 1 multiplicative.",
    limits="Every pair of spikes counts (all-to-all). The whole delay is dendritic. No triplets, no voltage, no homeostasis. A weight keeps the sign of w_max.",
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
    presets=(
        Preset(
            "additive",
            "Additive",
            "Song S, Miller KD, Abbott LF (2000) Competitive Hebbian learning through spike-timing-dependent synaptic plasticity. doi:10.1038/78829.",
            {"learning_rate": 0.005, "alpha": 1.05, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 20.0, "tau_minus": 20.0},
        ),
        Preset(
            "multiplicative",
            "Multiplicative",
            "Rubin J, Lee DD, Sompolinsky H (2001) Equilibrium properties of temporally asymmetric Hebbian plasticity. doi:10.1103/PhysRevLett.86.364; step and ratio as for the additive one.",
            {"learning_rate": 0.005, "alpha": 1.05, "mu_plus": 1.0, "mu_minus": 1.0, "tau_plus": 20.0, "tau_minus": 20.0},
        ),
        Preset(
            "power",
            "Power law (Gütig)",
            "Gütig R et al. (2003) doi:10.1523/JNEUROSCI.23-09-03697.2003; the exponent 0.1 is one choice within the paper's range of 0 to 1.",
            {"learning_rate": 0.005, "alpha": 1.05, "mu_plus": 0.1, "mu_minus": 0.1, "tau_plus": 20.0, "tau_minus": 20.0},
        ),
        Preset(
            "van_rossum",
            "Additive growth, multiplicative decay (van Rossum)",
            "van Rossum MCW, Bi GQ, Turrigiano GG (2000) Stable Hebbian learning from spike timing-dependent plasticity. doi:10.1523/JNEUROSCI.20-23-08812.2000: steps of 7 pS up and 0.3 % down, for a w_max of 10 nS and without the paper's noise.",
            {"learning_rate": 7e-4, "alpha": 30 / 7, "mu_plus": 0.0, "mu_minus": 1.0, "tau_plus": 20.0, "tau_minus": 20.0},
        ),
        Preset(
            "nest",
            "NEST's defaults",
            "NEST 3.10 stdp_synapse (there Wmax is 100); tau_minus is the one of its neurons.",
            {"learning_rate": 0.01, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0, "tau_plus": 20.0, "tau_minus": 20.0},
        ),
    ),
    traces=(
        Trace("k_plus", "tau_plus", "pre", "Arrivals of the presynaptic neuron."),
        Trace("k_minus", "tau_minus", "post", "Spikes of the target."),
    ),
    on_post="w = w_max*min(1, w/w_max + learning_rate*max(0, 1 - w/w_max)**mu_plus*k_plus)",
    on_pre="w = w_max*max(0, w/w_max - alpha*learning_rate*max(0, w/w_max)**mu_minus*k_minus)",
)
