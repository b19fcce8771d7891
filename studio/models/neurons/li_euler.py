"""NIR's leaky integrator, advanced by forward Euler as its tools read it."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="li_euler",
    title="Leaky integrator (forward Euler)",
    family="Forward Euler (NIR)",
    doc="NIR's LI: one forward-Euler step a time step, no threshold; its voltage is the output.",
    source="Pedersen JE et al. (2024) Neuromorphic intermediate representation. doi:10.1038/s41467-024-52259-9, node LI; stepped as norse and snnTorch do.",
    limits="First order in dt and unstable for dt > 2 tau. Never fires: its voltage can be recorded, but drives nothing.",
    params=(
        Param("tau", 20.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("r", 1.0, "MOhm", "Membrane resistance: how far a current moves the voltage.", low=-1e6, high=1e6, role="resistance"),
        Param("v_leak", 0.0, "mV", "Voltage to which the membrane decays.", low=-1e6, high=1e6, role="rest"),
        Param("i_offset", 0.0, "nA", "Constant input current: the bias of an affine layer.", low=-1e6, high=1e6, role="bias"),
    ),
    states=(State("v", "v_leak", "mV", "Membrane voltage.", role="membrane"),),
    step="v += dt/tau*(v_leak - v + r*(i + i_offset))",
    method="step",
    methods=("step",),
)
