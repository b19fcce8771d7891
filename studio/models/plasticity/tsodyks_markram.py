"""Short-term depression and facilitation."""

from studio.models.spec import Param, Plasticity, Preset, State

MAASS = "Maass W, Natschläger T, Markram H (2002) doi:10.1162/089976602760407955, mean values after Gupta A et al. (2000) doi:10.1126/science.287.5451.273"

MODEL = Plasticity(
    key="tsodyks_markram",
    title="Short-term plasticity (Tsodyks-Markram)",
    family="Short-term",
    doc="What a spike delivers depends on how recently the same neuron fired: resources are used up and recover, their release is facilitated and calms down.",
    source="Tsodyks M, Pawelzik K, Markram H (1998) Neural networks with dynamic synapses. doi:10.1162/089976698300017502; NEST tsodyks2_synapse. The stored weight stays; w u x arrives.",
    limits="Deterministic: the mean over many release sites. All synapses of one neuron in one projection share u and x, which is exact as they see the same spikes. A presynaptic neuron's first spike finds u = u_0 and x = 1. Does not learn: the stored weight never changes.",
    params=(
        Param("u_0", 0.5, "", "Part of the resources that a spike uses after a long silence (U).", low=0.0, high=1.0),
        Param("tau_rec", 800.0, "ms", "Time constant in which resources recover.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_fac", 0.0, "ms", "Time constant in which facilitation fades; 0: there is none.", low=0.0, role="time_constant"),
    ),
    presets=(
        Preset(
            "depressing",
            "Depressing, between pyramidal cells",
            "Tsodyks M, Uziel A, Markram H (2000) Synchrony generation in recurrent networks with frequency-dependent synapses. doi:10.1523/JNEUROSCI.20-01-j0003.2000.",
            {"u_0": 0.5, "tau_rec": 800.0, "tau_fac": 0.0},
        ),
        Preset(
            "facilitating",
            "Facilitating, pyramidal cell to interneuron",
            "Tsodyks M, Uziel A, Markram H (2000) doi:10.1523/JNEUROSCI.20-01-j0003.2000.",
            {"u_0": 0.04, "tau_rec": 100.0, "tau_fac": 1000.0},
        ),
        Preset("maass_ee", "Excitatory to excitatory", f"{MAASS}.", {"u_0": 0.5, "tau_rec": 1100.0, "tau_fac": 50.0}),
        Preset("maass_ei", "Excitatory to inhibitory", f"{MAASS}.", {"u_0": 0.05, "tau_rec": 125.0, "tau_fac": 1200.0}),
        Preset("maass_ie", "Inhibitory to excitatory", f"{MAASS}.", {"u_0": 0.25, "tau_rec": 700.0, "tau_fac": 20.0}),
        Preset("maass_ii", "Inhibitory to inhibitory", f"{MAASS}.", {"u_0": 0.32, "tau_rec": 144.0, "tau_fac": 60.0}),
    ),
    source_states=(
        State("u", "u_0", "", "Part of the resources that the next spike uses."),
        State("x", "1", "", "Resources that are there."),
    ),
    at_source="""
rested = exp(-gap/tau_rec)
calmed = exp(-gap/max(tau_fac, dt/1000))
x = x if first > 0 else 1 + (x - x*u - 1)*rested
u = u if first > 0 else u_0 + u*(1 - u_0)*calmed
""",
    transmit="w*u*x",
)
