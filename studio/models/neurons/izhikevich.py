"""Izhikevich's simple model, stepped as NEST steps it."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="izhikevich",
    title="Izhikevich",
    family="Adaptive",
    doc="Two variables and four numbers that give most firing patterns of cortical neurons.",
    source="Izhikevich EM (2003) Simple model of spiking neurons. doi:10.1109/TNN.2003.820440; schemes as NEST's izhikevich: original = 0 is consistent_integration true, original = 1 is false (drive that by pulse kinetics).",
    limits="First order in dt: firing depends on the step. Its constants are fits to a cortical neuron in mV and ms. The paper's current is a plain number; here 1 pA counts as 1 (c_m = 1 pF). No refractory time.",
    params=(
        Param("a", 0.02, "1/ms", "Rate of the recovery variable.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("b", 0.2, "1/ms", "Sensitivity of the recovery variable to the voltage.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("c", -65.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("d", 8.0, "mV/ms", "Growth of the recovery variable at a spike.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("v_th", 30.0, "mV", "Peak at which a spike is cut and counted.", low=-1000.0, high=1000.0, role="threshold"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
        Param("v_start", -65.0, "mV", "Voltage at the start.", low=-1000.0, high=1000.0, advanced=True, role="rest"),
        Param(
            "c_m",
            0.001,
            "nF",
            "Capacitance that turns current into mV/ms: 1 pF makes 1 pA count as 1.",
            low=0.0,
            low_open=True,
            advanced=True,
            role="capacitance",
        ),
        Param("k_2", 0.04, "1/mV/ms", "Quadratic coefficient of the voltage equation.", low=-1e4, high=1e4, advanced=True),
        Param("k_1", 5.0, "1/ms", "Linear coefficient of the voltage equation.", low=-1e4, high=1e4, advanced=True),
        Param("k_0", 140.0, "mV/ms", "Constant of the voltage equation.", low=-1e4, high=1e4, advanced=True),
        Param(
            "original",
            0,
            "",
            "0: forward Euler; 1: the paper's two half steps of the voltage, then the recovery variable.",
            low=0,
            high=1,
            integer=True,
            shared=True,
            advanced=True,
        ),
    ),
    states=(
        State("v", "v_start", "mV", "Membrane voltage.", role="membrane"),
        State("u", "b*v_start", "mV/ms", "Recovery variable.", role="adaptation"),
    ),
    step="""
drive = (i + i_offset)/c_m
if original > 0:
    v += dt/2*(k_2*v*v + k_1*v + k_0 - u + drive)
    v += dt/2*(k_2*v*v + k_1*v + k_0 - u + drive)
    u += dt*a*(b*v - u)
else:
    dv = k_2*v*v + k_1*v + k_0 - u + drive
    u += dt*a*(b*v - u)
    v += dt*dv
""",
    threshold="v >= v_th",
    reset="v = c; u += d",
    method="step",
    methods=("step",),
)
