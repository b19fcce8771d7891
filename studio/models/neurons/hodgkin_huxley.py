"""Hodgkin and Huxley's squid axon, as a point neuron."""

from studio.models.spec import Neuron, Param, Preset, State

_X = "v_start/v_unit"
_SQUID = "Hodgkin AL, Huxley AF (1952) A quantitative description of membrane current and its application to conduction and excitation in nerve. doi:10.1113/jphysiol.1952.sp004764"


def _start(rise: str, fall: str) -> str:
    """The resting value of a gate at v_start, from its two rates."""
    return f"({rise})/({rise} + {fall})"


def _linear(scale: float, at: int) -> str:
    """The rate scale*y/(1 - exp(-y)), y = (x + at)/10, which is `scale` where that says 0/0."""
    return f"({scale}*({_X} + {at})/10/(1 - exp(-({_X} + {at})/10)) if abs({_X} + {at}) > 0.000001 else {scale})"


MODEL = Neuron(
    key="hodgkin_huxley",
    title="Hodgkin-Huxley",
    family="Biophysical",
    doc="Sodium and potassium channels that open and close with the voltage: the spike is made by the membrane itself.",
    source=f"{_SQUID}, with the resting voltage at -65 mV; parameters and spike detection as NEST's hh_psc_alpha.",
    limits="A point neuron at 6.3 degrees: no dendrites, no other channels. A spike is counted in the step after a local maximum above v_th, so the spike time lags the peak by at most one step. Runge-Kutta of fourth order in steps of dt/4; dt above 0.1 ms makes the upstroke coarse.",
    params=(
        Param("c_m", 0.1, "nF", "Membrane capacitance.", low=0.0, low_open=True, role="capacitance"),
        Param("g_na", 12.0, "uS", "Largest sodium conductance.", low=0.0, role="conductance"),
        Param("g_k", 3.6, "uS", "Largest potassium conductance.", low=0.0, role="conductance"),
        Param("g_l", 0.03, "uS", "Leak conductance.", low=0.0, role="conductance"),
        Param("e_na", 50.0, "mV", "Sodium reversal potential.", low=-1000.0, high=1000.0, role="reversal"),
        Param("e_k", -77.0, "mV", "Potassium reversal potential.", low=-1000.0, high=1000.0, role="reversal"),
        Param("v_rest", -54.402, "mV", "Leak reversal potential; the cell rests at about -65 mV.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_th", 0.0, "mV", "A local maximum above this voltage is a spike.", low=-1000.0, high=1000.0, role="threshold"),
        Param(
            "t_ref",
            2.0,
            "ms",
            "Time after a spike during which no other is counted; the voltage goes on.",
            low=0.0,
            high=1000.0,
            role="refractory",
        ),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
        Param(
            "phi",
            1.0,
            "1/ms",
            "Speed of the gates: 1 at 6.3 degrees, 3 times more for each 10 degrees.",
            low=0.0,
            high=100.0,
            advanced=True,
        ),
        Param("v_start", -65.0, "mV", "Voltage at the start.", low=-1000.0, high=1000.0, advanced=True),
        Param("v_unit", 1.0, "mV", "The voltage that counts as 1 in the rates.", low=0.0, low_open=True, high=1000.0, advanced=True),
    ),
    presets=(
        Preset(
            "squid",
            "Squid axon",
            f"{_SQUID}; for a patch of 10 000 um2.",
            {"c_m": 0.1, "g_na": 12.0, "g_k": 3.6, "g_l": 0.03},
            "alpha",
            {"tau": 2.0},
        ),
    ),
    states=(
        State("v", "v_start", "mV", "Membrane voltage.", role="membrane"),
        State("m", _start(_linear(1.0, 40), f"4*exp(-({_X} + 65)/18)"), "", "Activation of sodium.", role="gate"),
        State("h", _start(f"0.07*exp(-({_X} + 65)/20)", f"1/(1 + exp(-({_X} + 35)/10))"), "", "Inactivation of sodium.", role="gate"),
        State(
            "n",
            _start(_linear(0.1, 55), f"0.125*exp(-({_X} + 65)/80)"),
            "",
            "Activation of potassium.",
            role="gate",
        ),
    ),
    # x/(1 - exp(-x)) by its series near 0, where the formula loses its digits
    equations="""
x = v/v_unit
x_m = (x + 40)/10
x_n = (x + 55)/10
a_m = 1 + x_m/2 + x_m*x_m/12 if abs(x_m) < 0.01 else x_m/(1 - exp(-x_m))
a_n = 0.1*(1 + x_n/2 + x_n*x_n/12 if abs(x_n) < 0.01 else x_n/(1 - exp(-x_n)))
dv/dt = (g_na*m*m*m*h*(e_na - v) + g_k*n*n*n*n*(e_k - v) + g_l*(v_rest - v) + i + i_offset)/c_m
dm/dt = phi*(a_m*(1 - m) - 4*exp(-(x + 65)/18)*m)
dh/dt = phi*(0.07*exp(-(x + 65)/20)*(1 - h) - h/(1 + exp(-(x + 35)/10)))
dn/dt = phi*(a_n*(1 - n) - 0.125*exp(-(x + 65)/80)*n)
""",
    threshold="v >= v_th and v < last_v",
    refractory="t_ref",
    method="rk4",
    substeps=4,
    methods=("rk4", "adaptive"),
)
