"""Izhikevich's resonate-and-fire neuron."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="resonate_and_fire",
    title="Resonate-and-fire",
    family="Oscillators",
    doc="A damped oscillation below threshold: it answers to the rhythm of its input, and also to inhibition.",
    source="Izhikevich EM (2001) Resonate-and-fire neurons. doi:10.1016/S0893-6080(01)00078-8.",
    limits="Integrated exactly; spikes fall on the time grid, where the voltage-like variable has risen through v_th. Currents drive u, as the paper's pulses do; delta kinetics move v instead. No spike shape, no adaptation.",
    params=(
        Param("omega", 0.3, "1/ms", "Angular frequency; 0.3 is 48 Hz.", low=0.0, low_open=True, high=1000.0, role="frequency"),
        Param("damping", 0.03, "1/ms", "Rate at which the oscillation decays.", low=0.0, high=1000.0, role="rate"),
        Param("c_m", 0.25, "nF", "How far a current moves u.", low=0.0, low_open=True, role="capacitance"),
        Param("v_th", 1.0, "mV", "A rise through this value is a spike.", low=-1000.0, high=1000.0, role="threshold"),
        Param("u_reset", 0.0, "mV", "Current-like variable after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(
        State("v", "0", "mV", "Voltage-like variable (the imaginary part).", role="membrane"),
        State("u", "0", "mV", "Current-like variable (the real part)."),
    ),
    equations="""
du/dt = -damping*u - omega*v + (i + i_offset)/c_m
dv/dt = omega*u - damping*v
""",
    threshold="v >= v_th and last_v < v_th",
    reset="u = u_reset; v = v_th",
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
