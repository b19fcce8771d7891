"""A current that jumps and decays."""

from studio.models.spec import Kinetics, Param, State

MODEL = Kinetics(
    key="exponential",
    title="Exponential current",
    family="Currents",
    doc="A spike adds its weight to a current that decays exponentially.",
    source="Rotter S, Diesmann M (1999) doi:10.1007/s004220050570; NEST iaf_psc_exp.",
    limits="Rises at once. Does not depend on the target's voltage.",
    params=(Param("tau", 2.0, "ms", "Time constant of the decay.", low=0.0, low_open=True, role="time_constant"),),
    states=(State("i_syn", "0", "nA", "Synaptic current.", role="current"),),
    equations="di_syn/dt = -i_syn/tau",
    jump="i_syn += w",
    current="i_syn",
    weight_unit="nA",
)
