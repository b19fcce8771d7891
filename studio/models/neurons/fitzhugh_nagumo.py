"""FitzHugh and Nagumo's model of excitability."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="fitzhugh_nagumo",
    title="FitzHugh-Nagumo",
    family="Oscillators",
    doc="Excitability in two variables and a cubic: the textbook of thresholds, refractoriness and relaxation oscillations.",
    source="FitzHugh R (1961) Impulses and physiological states in theoretical models of nerve membrane. doi:10.1016/S0006-3495(61)86902-6; Nagumo J, Arimoto S, Yoshizawa S (1962) An active pulse transmission line simulating nerve axon. doi:10.1109/JRPROC.1962.288235.",
    limits="A model of plain numbers: here 1 mV and 1 nA count as 1, and v does not measure a membrane. No sharp threshold. A spike is counted where v rises through v_th; nothing is reset. Runge-Kutta of fourth order in steps of dt.",
    params=(
        Param("tau", 1.0, "ms", "Time unit of the fast variable.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_u", 12.5, "ms", "Time unit of the recovery variable.", low=0.0, low_open=True, role="time_constant"),
        Param("a", 0.7, "mV", "Offset of the recovery variable.", low=-1000.0, high=1000.0),
        Param("b", 0.8, "", "Leak of the recovery variable.", low=-1000.0, high=1000.0),
        Param("scale", 1.0, "mV", "The voltage that counts as 1 in the cubic.", low=0.0, low_open=True, high=1000.0, advanced=True),
        Param("r", 1.0, "MOhm", "How far a current moves v.", low=-1e6, high=1e6, role="resistance"),
        Param("v_th", 1.0, "mV", "A rise through this value is a spike.", low=-1000.0, high=1000.0, role="threshold"),
        Param("v_start", -1.1994, "mV", "Value of v at the start; about the rest without input.", low=-1000.0, high=1000.0, advanced=True),
        Param(
            "i_offset", 0.0, "nA", "Constant input current; about 0.33 to 1.42 makes it oscillate.", low=-1000.0, high=1000.0, role="bias"
        ),
    ),
    states=(
        State("v", "v_start", "mV", "Fast variable.", role="membrane"),
        State("u", "v_start - v_start*v_start*v_start/(3*scale*scale)", "mV", "Recovery variable.", role="adaptation"),
    ),
    equations="""
dv/dt = (v - v*v*v/(3*scale*scale) - u + r*(i + i_offset))/tau
du/dt = (v + a - b*u)/tau_u
""",
    threshold="v >= v_th and last_v < v_th",
    method="rk4",
    methods=("rk4", "adaptive"),
)
