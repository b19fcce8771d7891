"""NIR's current-based leaky integrate-and-fire, advanced by forward Euler as its tools read it."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="cubalif_euler",
    family="Forward Euler (NIR)",
    title="Current-based LIF (forward Euler)",
    doc="NIR's CubaLIF: a synaptic current and a membrane, one forward-Euler step each a time step; a strict threshold, and no refractory time.",
    source="Pedersen JE et al. (2024) Neuromorphic intermediate representation. doi:10.1038/s41467-024-52259-9, node CubaLIF; stepped as norse does: the current first, then the membrane with the new current.",
    limits="First order in dt and unstable for dt > 2 tau_syn or 2 tau_mem: results depend on dt, which is part of what NIR tools mean. No refractory time. The reset is to v_reset and leaves the current alone.",
    params=(
        Param("tau_syn", 10.0, "ms", "Time constant of the synaptic current.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_mem", 20.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("r", 1.0, "MOhm", "Membrane resistance: how far a current moves the voltage.", low=-1e6, high=1e6, role="resistance"),
        Param("w_in", 1.0, "", "Factor on all input.", low=-1e6, high=1e6, role="gain"),
        Param("v_leak", 0.0, "mV", "Voltage to which the membrane decays.", low=-1e6, high=1e6, role="rest"),
        Param("v_threshold", 1.0, "mV", "The neuron fires above this voltage.", low=-1e6, high=1e6, role="threshold"),
        Param("v_reset", 0.0, "mV", "Voltage after a spike.", low=-1e6, high=1e6, role="reset"),
        Param("i_offset", 0.0, "nA", "Constant input current: the bias of an affine layer.", low=-1e6, high=1e6, role="bias"),
    ),
    states=(
        State("i_syn", "0", "nA", "Synaptic current.", role="current"),
        State("v", "v_leak", "mV", "Membrane voltage.", role="membrane"),
    ),
    step="""
i_syn += dt/tau_syn*(w_in*(i + i_offset) - i_syn)
v += dt/tau_mem*(v_leak - v + r*i_syn)
""",
    threshold="v > v_threshold",
    reset="v = v_reset",
    method="step",
    methods=("step",),
)
