"""A current that rises and falls."""

from studio.models.spec import Kinetics, Param, State

MODEL = Kinetics(
    key="alpha",
    title="Alpha current",
    family="Currents",
    doc="A spike starts a current w * (t/tau) * exp(1 - t/tau), which peaks at the weight after tau.",
    source="Rotter S, Diesmann M (1999) doi:10.1007/s004220050570; NEST iaf_psc_alpha.",
    limits="Rise and decay share one time constant. Does not depend on the target's voltage.",
    params=(Param("tau", 2.0, "ms", "Time from a spike to the peak of its current.", low=0.0, low_open=True, role="time_constant"),),
    states=(
        State("rise", "0", "nA/ms", "What still flows into the current."),
        State("i_syn", "0", "nA", "Synaptic current.", role="current"),
    ),
    derived="peak = exp(1)/tau",
    equations="drise/dt = -rise/tau\ndi_syn/dt = rise - i_syn/tau",
    jump="rise += w*peak",
    current="i_syn",
    weight_unit="nA",
)
