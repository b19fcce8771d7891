"""NIR's integrator, one sum a step as its tools read it."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="integrator_euler",
    family="Forward Euler (NIR)",
    title="Integrator (NIR)",
    doc="NIR's I: adds up its input and never fires; its voltage is the output.",
    source="Pedersen JE et al. (2024) Neuromorphic intermediate representation. doi:10.1038/s41467-024-52259-9, node I; a step adds r i whatever dt is, as for IF.",
    limits="The sum of a step does not depend on dt. No leak. Never fires: its voltage can be recorded, but drives nothing.",
    params=(
        Param("r", 1.0, "MOhm", "Resistance: how far the current of one step moves the voltage.", low=-1e6, high=1e6, role="resistance"),
        Param("i_offset", 0.0, "nA", "Constant input current: the bias of an affine layer.", low=-1e6, high=1e6, role="bias"),
    ),
    states=(State("v", "0", "mV", "Membrane voltage.", role="membrane"),),
    step="v += r*(i + i_offset)",
    method="step",
    methods=("step",),
)
