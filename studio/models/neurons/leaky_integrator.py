"""A leaky membrane without threshold: a readout."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="leaky_integrator",
    title="Leaky integrator",
    family="Without spikes",
    doc="A leaky membrane that sums its input and never fires; its voltage is the output.",
    source="The membrane equation of doi:10.1007/s004220050570 without threshold.",
    limits="Never fires: its voltage can be recorded, but drives nothing.",
    params=(
        Param("tau_m", 10.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.25, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", 0.0, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),),
    equations="dv/dt = (v_rest - v)/tau_m + (i + i_offset)/c_m",
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
