"""Izhikevich's simple model, stepped as NEST steps it."""

from studio.models.spec import Neuron, Param, Preset, State

_2003 = "Izhikevich EM (2003) doi:10.1109/TNN.2003.820440, figure 2; a step of about 10 pA."
_2004 = "Izhikevich EM (2004) Which model to use for cortical spiking neurons? doi:10.1109/TNN.2004.832719, panel {}; {}."


def _cell(key: str, title: str, a: float, b: float, c: float, d: float) -> Preset:
    """A class of cells of the paper of 2003."""
    return Preset(key, title, _2003, {"a": a, "b": b, "c": c, "d": d, "i_offset": 0.01, "v_start": -65.0, "k_1": 5.0, "k_0": 140.0})


def _pattern(
    panel: str, title: str, drive: str, abcd: tuple[float, ...], v: float, i: float = 0.0, k: tuple[float, float] = (5, 140)
) -> Preset:
    """A pattern of the paper of 2004: where it begins, and its constant current [pA]; `drive` says what else it needs."""
    own = dict(zip("abcd", abcd, strict=True)) | {"i_offset": i / 1000.0, "v_start": v, "k_1": k[0], "k_0": k[1]}
    return Preset(title.lower().replace(" ", "_").replace("-", "_"), title, _2004.format(panel, drive), own)


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
    presets=(
        _cell("regular_spiking", "Regular spiking (RS)", 0.02, 0.2, -65, 8),
        _cell("intrinsically_bursting", "Intrinsically bursting (IB)", 0.02, 0.2, -55, 4),
        _cell("chattering", "Chattering (CH)", 0.02, 0.2, -50, 2),
        _cell("fast_spiking", "Fast spiking (FS)", 0.1, 0.2, -65, 2),
        _cell("low_threshold", "Low-threshold spiking (LTS)", 0.02, 0.25, -65, 2),
        _cell("thalamocortical", "Thalamocortical (TC)", 0.02, 0.25, -65, 0.05),
        _pattern("A", "Tonic spiking", "a step of 14 pA", (0.02, 0.2, -65, 6), -70, 14),
        _pattern("B", "Phasic spiking", "a step of 0.5 pA", (0.02, 0.25, -65, 6), -64, 0.5),
        _pattern("C", "Tonic bursting", "a step of 15 pA", (0.02, 0.2, -50, 2), -70, 15),
        _pattern("D", "Phasic bursting", "a step of 0.6 pA", (0.02, 0.25, -55, 0.05), -64, 0.6),
        _pattern("E", "Mixed mode", "a step of 10 pA", (0.02, 0.2, -55, 4), -70, 10),
        _pattern("F", "Frequency adaptation", "a step of 30 pA", (0.01, 0.2, -65, 8), -70, 30),
        _pattern("G", "Class 1 excitable", "a ramp of 0.075 pA/ms", (0.02, -0.1, -55, 6), -60, k=(4.1, 108)),
        _pattern("H", "Class 2 excitable", "a ramp of 0.015 pA/ms from -0.5 pA", (0.2, 0.26, -65, 0), -64, -0.5),
        _pattern("I", "Spike latency", "7.04 pA for 3 ms", (0.02, 0.2, -65, 6), -70),
        _pattern("J", "Subthreshold oscillations", "2 pA for 5 ms", (0.05, 0.26, -60, 0), -62),
        _pattern("K", "Resonator", "pairs of pulses of 0.65 pA, 4 ms", (0.1, 0.26, -60, -1), -62),
        _pattern("L", "Integrator", "pairs of pulses of 9 pA, 2 ms", (0.02, -0.1, -55, 6), -60, k=(4.1, 108)),
        _pattern("M", "Rebound spike", "-15 pA for 5 ms", (0.03, 0.25, -60, 4), -64),
        _pattern("N", "Rebound burst", "-15 pA for 5 ms", (0.03, 0.25, -52, 0), -64),
        _pattern("O", "Threshold variability", "1 pA for 5 ms, alone and after -6 pA for 5 ms", (0.03, 0.25, -60, 4), -64),
        _pattern("P", "Bistability", "pulses of 1 pA for 5 ms on a constant 0.24 pA", (0.1, 0.26, -60, 0), -61, 0.24),
        _pattern("Q", "Depolarising afterpotential", "20 pA for 2 ms", (1, 0.2, -60, -21), -70),
        _pattern(
            "R",
            "Accommodation",
            "10 pA reached at once or within 200 ms; with the leak of u that the paper's own listing leaves out here, so that k_0 and the start differ",
            (0.02, 1, -55, 4),
            -75,
            k=(5, 75),
        ),
        _pattern("S", "Inhibition-induced spiking", "75 pA instead of the constant 80 pA", (-0.02, -1, -60, 8), -63.8, 80),
        _pattern(
            "T",
            "Inhibition-induced bursting",
            "75 pA instead of the constant 80 pA; with d = 0, as with the listing's d = -2 a burst does not end at small steps",
            (-0.026, -1, -45, 0),
            -63.8,
            80,
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
