"""NIR's integrate-and-fire, one sum a step as its tools read it."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="if_euler",
    family="Forward Euler (NIR)",
    title="Integrate-and-fire (NIR)",
    doc="NIR's IF: adds up its input without a leak, a strict threshold, and no refractory time.",
    source="Pedersen JE et al. (2024) Neuromorphic intermediate representation. doi:10.1038/s41467-024-52259-9, node IF; NIR writes dv/dt = r i, and its tools (norse, sinabs, snnTorch) add r i in every step whatever dt is: so does this.",
    limits="The sum of a step does not depend on dt: halving dt doubles the rate. No leak, no refractory time. The reset is to v_reset; a reset by subtraction is another model.",
    params=(
        Param("r", 1.0, "MOhm", "Resistance: how far the current of one step moves the voltage.", low=-1e6, high=1e6, role="resistance"),
        Param("v_threshold", 1.0, "mV", "The neuron fires above this voltage.", low=-1e6, high=1e6, role="threshold"),
        Param("v_reset", 0.0, "mV", "Voltage after a spike.", low=-1e6, high=1e6, role="reset"),
        Param("i_offset", 0.0, "nA", "Constant input current: the bias of an affine layer.", low=-1e6, high=1e6, role="bias"),
    ),
    states=(State("v", "0", "mV", "Membrane voltage.", role="membrane"),),
    step="v += r*(i + i_offset)",
    threshold="v > v_threshold",
    reset="v = v_reset",
    method="step",
    methods=("step",),
)
