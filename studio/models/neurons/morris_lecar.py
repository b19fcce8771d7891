"""Morris and Lecar's barnacle muscle fibre: two variables, and both ways to begin to fire."""

from studio.models.spec import Neuron, Param, Preset, State

_SOURCE = "Rinzel J, Ermentrout GB (1998) Analysis of neural excitability and oscillations, in Methods in Neuronal Modeling (MIT Press), table 7.1; for a patch of 1000 um2"

MODEL = Neuron(
    key="morris_lecar",
    title="Morris-Lecar",
    family="Biophysical",
    doc="Calcium and potassium channels in two variables: fires from a rest that turns unstable (class 2) or by a saddle that vanishes (class 1).",
    source="Morris C, Lecar H (1981) Voltage oscillations in the barnacle giant muscle fiber. doi:10.1016/S0006-3495(81)84782-0; parameters of Rinzel and Ermentrout.",
    limits="Calcium follows the voltage at once. A spike is counted where the voltage rises through v_th; nothing is reset. Slow: spikes last 20 ms and more. Runge-Kutta of fourth order in steps of dt.",
    params=(
        Param("c_m", 0.2, "nF", "Membrane capacitance.", low=0.0, low_open=True, role="capacitance"),
        Param("g_ca", 0.044, "uS", "Largest calcium conductance.", low=0.0, role="conductance"),
        Param("g_k", 0.08, "uS", "Largest potassium conductance.", low=0.0, role="conductance"),
        Param("g_l", 0.02, "uS", "Leak conductance.", low=0.0, role="conductance"),
        Param("e_ca", 120.0, "mV", "Calcium reversal potential.", low=-1000.0, high=1000.0, role="reversal"),
        Param("e_k", -84.0, "mV", "Potassium reversal potential.", low=-1000.0, high=1000.0, role="reversal"),
        Param("v_rest", -60.0, "mV", "Leak reversal potential.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_1", -1.2, "mV", "Voltage at which half of the calcium channels are open.", low=-1000.0, high=1000.0),
        Param("v_2", 18.0, "mV", "Width of the calcium activation.", low=0.0, low_open=True, high=1000.0),
        Param("v_3", 2.0, "mV", "Voltage at which half of the potassium channels are open.", low=-1000.0, high=1000.0),
        Param("v_4", 30.0, "mV", "Width of the potassium activation.", low=0.0, low_open=True, high=1000.0),
        Param("phi", 0.04, "1/ms", "Speed of the potassium channels.", low=0.0, high=1000.0),
        Param("v_th", 0.0, "mV", "A rise through this voltage is a spike.", low=-1000.0, high=1000.0, role="threshold"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    presets=(
        Preset("hopf", "Class 2 (Hopf)", f"{_SOURCE}; fires above 0.94 nA.", {"g_ca": 0.044, "v_3": 2.0, "v_4": 30.0, "phi": 0.04}),
        Preset(
            "saddle_node",
            "Class 1 (saddle-node on a circle)",
            f"{_SOURCE}; fires above 0.4 nA.",
            {"g_ca": 0.04, "v_3": 12.0, "v_4": 17.4, "phi": 1 / 15},
        ),
        Preset(
            "homoclinic",
            "Bistable (homoclinic)",
            f"{_SOURCE}; rest and firing side by side about 0.37 nA.",
            {"g_ca": 0.04, "v_3": 12.0, "v_4": 17.4, "phi": 0.23},
        ),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("n", "0.5*(1 + tanh((v_rest - v_3)/v_4))", "", "Open potassium channels (w in the paper).", role="gate"),
    ),
    equations="""
open_ca = 0.5*(1 + tanh((v - v_1)/v_2))
wanted = 0.5*(1 + tanh((v - v_3)/v_4))
x = (v - v_3)/(2*v_4)
dv/dt = (g_ca*open_ca*(e_ca - v) + g_k*n*(e_k - v) + g_l*(v_rest - v) + i + i_offset)/c_m
dn/dt = phi*(wanted - n)*0.5*(exp(x) + exp(-x))
""",
    threshold="v >= v_th and last_v < v_th",
    method="rk4",
    methods=("rk4", "adaptive"),
)
