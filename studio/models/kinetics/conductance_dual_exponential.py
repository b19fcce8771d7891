"""A conductance that rises and decays with time constants of its own."""

from studio.models.spec import Kinetics, Param, State

MODEL = Kinetics(
    key="conductance_dual_exponential",
    title="Dual exponential conductance",
    family="Conductances",
    doc="A spike opens a conductance that rises with one time constant, decays with another, peaks at the weight, and pulls the voltage towards e_rev.",
    source="Destexhe A, Mainen ZF, Sejnowski TJ (1994) Synthesis of models for excitable membranes, synaptic transmission and neuromodulation using a common kinetic formalism. doi:10.1007/BF00961734; Roth A, van Rossum MCW (2009) Modeling synapses. doi:10.7551/mitpress/9780262013277.003.0007.",
    limits="No saturation and no voltage-dependent block (see nmda). Weights are not negative: e_rev decides what the synapse does.",
    params=(
        Param("tau_rise", 0.5, "ms", "Time constant of the rise.", low=0.0, low_open=True, role="time_constant"),
        Param("tau", 2.0, "ms", "Time constant of the decay.", low=0.0, low_open=True, role="time_constant"),
        Param("e_rev", 0.0, "mV", "Reversal potential: 0 excites, -85 inhibits.", low=-1000.0, high=1000.0, role="reversal"),
    ),
    states=(
        State("rise", "0", "uS/ms", "What still flows into the conductance."),
        State("g", "0", "uS", "Synaptic conductance.", role="conductance"),
    ),
    derived="""
q = tau/tau_rise
near = abs(q - 1) < 0.0001
lag = 1 + (q - 1)/2 - (q - 1)**2/6 if near else q*log(q)/(q - 1)
peak = exp(lag)/tau
""",
    equations="drise/dt = -rise/tau_rise\ndg/dt = rise - g/tau",
    jump="rise += w*peak",
    current="g*(e_rev - v)",
    weight_unit="uS",
    sign="nonnegative",
)
