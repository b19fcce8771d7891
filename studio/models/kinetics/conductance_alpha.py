"""A conductance that rises and falls."""

from studio.models.spec import Kinetics, Param, State

MODEL = Kinetics(
    key="conductance_alpha",
    title="Alpha conductance",
    family="Conductances",
    doc="A spike opens a conductance w * (t/tau) * exp(1 - t/tau), which peaks at the weight after tau and pulls the voltage towards e_rev.",
    source="Rall W (1967) Distinguishing theoretical synaptic potentials computed for different soma-dendritic distributions of synaptic input. doi:10.1152/jn.1967.30.5.1138; NEST iaf_cond_alpha.",
    limits="Rise and decay share one time constant. No saturation and no voltage-dependent block. Weights are not negative: e_rev decides what the synapse does.",
    params=(
        Param("tau", 2.0, "ms", "Time from a spike to the peak of its conductance.", low=0.0, low_open=True, role="time_constant"),
        Param("e_rev", 0.0, "mV", "Reversal potential: 0 excites, -85 inhibits.", low=-1000.0, high=1000.0, role="reversal"),
    ),
    states=(
        State("rise", "0", "uS/ms", "What still flows into the conductance."),
        State("g", "0", "uS", "Synaptic conductance.", role="conductance"),
    ),
    derived="peak = exp(1)/tau",
    equations="drise/dt = -rise/tau\ndg/dt = rise - g/tau",
    jump="rise += w*peak",
    current="g*(e_rev - v)",
    weight_unit="uS",
    sign="nonnegative",
)
