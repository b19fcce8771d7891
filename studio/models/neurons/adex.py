"""Adaptive exponential integrate-and-fire."""

from studio.models.spec import Neuron, Param, Preset, State

_NAUD = "Naud R et al. (2008) Firing patterns in the adaptive exponential integrate-and-fire model. doi:10.1007/s00422-008-0264-7, {}; a step to {:g} pA."
_BRETTE = {
    "c_m": 0.281, "g_l": 0.03, "v_rest": -70.6, "v_th": -50.4, "delta_t": 2.0, "v_peak": 0.0,
    "v_reset": -60.0, "t_ref": 0.0, "a": 0.004, "b": 0.0805, "tau_w": 144.0, "i_offset": 0.0,
}  # fmt: skip


def _pattern(
    key: str, title: str, panel: str, c: float, g: float, rest: float, a: float, tau_w: float, b: float, reset: float, i: float
) -> Preset:
    """One row of the paper's table 1, in its units (pF, nS, mV, nS, ms, pA, mV, pA)."""
    cell = {"c_m": c / 1e3, "g_l": g / 1e3, "v_rest": rest, "v_th": -50.0, "delta_t": 2.0, "v_peak": 0.0, "v_reset": reset, "t_ref": 0.0}
    return Preset(key, title, _NAUD.format(panel, i), cell | {"a": a / 1e3, "b": b / 1e3, "tau_w": tau_w, "i_offset": i / 1e3})


MODEL = Neuron(
    key="adex",
    title="Adaptive exponential integrate-and-fire",
    family="Adaptive",
    doc="A membrane with an exponential spike onset and a slow adaptation current: regular, bursting, adapting or chattering by its parameters.",
    source="Brette R, Gerstner W (2005) Adaptive exponential integrate-and-fire model as an effective description of neuronal activity. doi:10.1152/jn.00686.2005; with exponential currents or conductances it is NEST's aeif_psc_exp or aeif_cond_exp.",
    limits="With the default Runge-Kutta 4 the moment of a spike within its step is estimated and the reset acts from there: in NEST's reference runs (dt 0.1 ms, 200 ms) every spike falls on NEST's step or the one beside it. The adaptive method follows the upswing itself, at about thirteen times the cost. Several spikes within one step (t_ref below dt) count as one. delta_t = 0 (a hard threshold) is not offered. Spikes fall on the time grid.",
    params=(
        Param("c_m", 0.281, "nF", "Membrane capacitance.", low=0.0, low_open=True, role="capacitance"),
        Param("g_l", 0.03, "uS", "Leak conductance.", low=0.0, low_open=True, role="conductance"),
        Param("v_rest", -70.6, "mV", "Leak reversal potential.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_th", -50.4, "mV", "Voltage where the exponential onset takes over.", low=-1000.0, high=1000.0, role="threshold"),
        Param("delta_t", 2.0, "mV", "Sharpness of the onset.", low=0.0, low_open=True, high=100.0, role="slope"),
        Param("v_peak", 0.0, "mV", "A spike is cut and counted at this voltage.", low=-1000.0, high=1000.0, role="peak"),
        Param("v_reset", -60.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("t_ref", 0.0, "ms", "Refractory time: the voltage is held at v_reset.", low=0.0, high=1000.0, role="refractory"),
        Param("a", 0.004, "uS", "Adaptation conductance below threshold.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("b", 0.0805, "nA", "Growth of the adaptation current at a spike.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("tau_w", 144.0, "ms", "Time constant of the adaptation current.", low=0.0, low_open=True, role="time_constant"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    presets=(
        Preset(
            "brette_gerstner",
            "Regular spiking (Brette and Gerstner 2005)",
            "Brette R, Gerstner W (2005) doi:10.1152/jn.00686.2005.",
            _BRETTE,
        ),
        _pattern("tonic", "Tonic spiking", "figure 4a", 200, 10, -70, 2, 30, 0, -58, 500),
        _pattern("adaptation", "Adaptation", "figure 4b", 200, 12, -70, 2, 300, 60, -58, 500),
        _pattern("initial_burst", "Initial burst", "figure 4c", 130, 18, -58, 4, 150, 120, -50, 400),
        _pattern("regular_bursting", "Regular bursting", "figure 4d", 200, 10, -58, 2, 120, 100, -46, 210),
        _pattern("delayed_accelerating", "Delayed accelerating", "figure 4e", 200, 12, -70, -10, 300, 0, -58, 300),
        _pattern("delayed_bursting", "Delayed regular bursting", "figure 4f", 100, 10, -65, -10, 90, 30, -47, 110),
        _pattern("transient", "Transient spiking", "figure 4g", 100, 10, -65, 10, 90, 100, -47, 180),
        _pattern("irregular", "Irregular spiking", "figure 4h", 100, 12, -60, -11, 130, 30, -48, 160),
        Preset("aeif_psc_exp", "NEST aeif_psc_exp", "NEST 3.10, defaults of aeif_psc_exp.", _BRETTE, "exponential", {"tau": 0.2}),
        Preset("aeif_psc_alpha", "NEST aeif_psc_alpha", "NEST 3.10, defaults of aeif_psc_alpha.", _BRETTE, "alpha", {"tau": 0.2}),
        Preset(
            "aeif_cond_exp",
            "NEST aeif_cond_exp",
            "NEST 3.10, defaults of aeif_cond_exp; its inhibition has tau 2 ms and e_rev -85 mV.",
            _BRETTE,
            "conductance_exponential",
            {"tau": 0.2, "e_rev": 0.0},
        ),
        Preset(
            "aeif_cond_alpha",
            "NEST aeif_cond_alpha",
            "NEST 3.10, defaults of aeif_cond_alpha; its inhibition has tau 2 ms and e_rev -85 mV.",
            _BRETTE,
            "conductance_alpha",
            {"tau": 0.2, "e_rev": 0.0},
        ),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("w_adapt", "0", "nA", "Adaptation current (w in the paper).", role="adaptation"),
    ),
    equations="""
vc = min(v, v_peak)
dv/dt = (-g_l*(vc - v_rest) + g_l*delta_t*exp((vc - v_th)/delta_t) - w_adapt + i + i_offset)/c_m
dw_adapt/dt = (a*(vc - v_rest) - w_adapt)/tau_w
""",
    threshold="v >= v_peak",
    reset="v = v_reset; w_adapt += b",
    # dv/dt = (A exp(v) + B)/c_m from last_v on has v infinite after c_m*delta_t/B*ln(1 + B/A); here to second order in B/A
    crossing="c_m*delta_t/(g_l*delta_t*exp((last_v - v_th)/delta_t) + (i + i_offset - w_adapt - g_l*(last_v - v_rest))/2)",
    refractory="t_ref",
    clamped=("v",),
    method="rk4",
    substeps=2,
    methods=("rk4", "adaptive"),
)
