"""Units that read each other's state."""

from studio.models.spec import Kinetics

MODEL = Kinetics(
    key="state_coupling",
    title="State coupling",
    family="Electrical",
    doc="The current is the weighted sum of the sources' states z: how the units of a Boltzmann machine see each other.",
    source="Ackley DH, Hinton GE, Sejnowski TJ (1985) A learning algorithm for Boltzmann machines. doi:10.1207/s15516709cog0901_7.",
    limits="Reads the state z of the previous step; no delay, no time course. Only from neurons that have a state z. What a chip would send as events costs a sum over all synapses in every step here.",
    current="wx",
    weight_unit="nA",
    coupled="z",
)
