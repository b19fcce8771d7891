"""NIR's threshold: a unit without memory."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="threshold_euler",
    family="Forward Euler (NIR)",
    title="Threshold unit (NIR)",
    doc="NIR's Threshold: fires in a step whose input is above the threshold, and keeps nothing.",
    source="Pedersen JE et al. (2024) Neuromorphic intermediate representation. doi:10.1038/s41467-024-52259-9, node Threshold; the input of one step against the threshold, strictly.",
    limits="No memory: input of different steps is never added. After a spike the recorded voltage is 0.",
    params=(
        Param("r", 1.0, "MOhm", "Resistance: how far the current of one step moves the voltage.", low=-1e6, high=1e6, role="resistance"),
        Param("v_threshold", 1.0, "mV", "The neuron fires above this voltage.", low=-1e6, high=1e6, role="threshold"),
        Param("i_offset", 0.0, "nA", "Constant input current: the bias of an affine layer.", low=-1e6, high=1e6, role="bias"),
    ),
    states=(State("v", "0", "mV", "Membrane voltage.", role="membrane"),),
    step="v = r*(i + i_offset)",
    threshold="v > v_threshold",
    reset="v = 0",
    method="step",
    methods=("step",),
)
