"""A conductance that jumps and decays."""

from studio.models.spec import Kinetics, Param, Preset, State

MODEL = Kinetics(
    key="conductance_exponential",
    title="Exponential conductance",
    family="Conductances",
    doc="A spike adds its weight to a conductance that decays exponentially and pulls the voltage towards e_rev.",
    source="Destexhe A, Mainen ZF, Sejnowski TJ (1994) Synthesis of models for excitable membranes, synaptic transmission and neuromodulation using a common kinetic formalism. doi:10.1007/BF00961734; NEST iaf_cond_exp.",
    limits="Rises at once. No saturation and no voltage-dependent block. Weights are not negative: e_rev decides what the synapse does.",
    params=(
        Param("tau", 2.0, "ms", "Time constant of the decay.", low=0.0, low_open=True, role="time_constant"),
        Param("e_rev", 0.0, "mV", "Reversal potential: 0 excites, -85 inhibits.", low=-1000.0, high=1000.0, role="reversal"),
    ),
    presets=(
        Preset(
            "ampa",
            "AMPA (Wang 2002)",
            "Wang XJ (2002) Probabilistic decision making by slow reverberation in cortical circuits. doi:10.1016/S0896-6273(02)01092-9.",
            {"tau": 2.0, "e_rev": 0.0},
        ),
        Preset("gaba_a", "GABA A (Wang 2002)", "Wang XJ (2002) doi:10.1016/S0896-6273(02)01092-9.", {"tau": 5.0, "e_rev": -70.0}),
        Preset(
            "vogels_abbott_excitatory",
            "Excitatory (Vogels and Abbott 2005)",
            "Brette R et al. (2007) Simulation of networks of spiking neurons. doi:10.1007/s10827-007-0038-6, benchmark 1.",
            {"tau": 5.0, "e_rev": 0.0},
        ),
        Preset(
            "vogels_abbott_inhibitory",
            "Inhibitory (Vogels and Abbott 2005)",
            "Brette R et al. (2007) doi:10.1007/s10827-007-0038-6, benchmark 1.",
            {"tau": 10.0, "e_rev": -80.0},
        ),
        Preset("nest_inhibitory", "Inhibitory (NEST iaf_cond_exp)", "NEST 3.10, defaults of iaf_cond_exp.", {"tau": 2.0, "e_rev": -85.0}),
    ),
    states=(State("g", "0", "uS", "Synaptic conductance.", role="conductance"),),
    equations="dg/dt = -g/tau",
    jump="g += w",
    current="g*(e_rev - v)",
    weight_unit="uS",
    sign="nonnegative",
)
