"""A conductance that jumps and decays."""

from studio.models.spec import Kinetics, Param, State

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
    states=(State("g", "0", "uS", "Synaptic conductance.", role="conductance"),),
    equations="dg/dt = -g/tau",
    jump="g += w",
    current="g*(e_rev - v)",
    weight_unit="uS",
    sign="nonnegative",
)
