"""A current for one time step."""

from studio.models.spec import Kinetics, State

MODEL = Kinetics(
    key="pulse",
    title="Pulse (one step of current)",
    family="Currents",
    doc="A spike is a current of the weight during the step in which it arrives, as NIR and deep spiking layers mean it.",
    source="Pedersen JE et al. (2024) Neuromorphic intermediate representation. doi:10.1038/s41467-024-52259-9.",
    limits="The charge is weight times dt: results depend on the step, which is part of what NIR tools mean.",
    states=(State("i_syn", "0", "nA", "Current of this step.", role="current"),),
    jump="i_syn += w",
    current="i_syn",
    transient=("i_syn",),
    arrival="before",
    weight_unit="nA",
)
