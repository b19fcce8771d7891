"""Adaptive exponential integrate-and-fire."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="adex",
    title="Adaptive exponential integrate-and-fire",
    family="Adaptive",
    doc="A membrane with an exponential spike onset and a slow adaptation current: regular, bursting, adapting or chattering by its parameters.",
    source="Brette R, Gerstner W (2005) Adaptive exponential integrate-and-fire model as an effective description of neuronal activity. doi:10.1152/jn.00686.2005; with exponential currents or conductances it is NEST's aeif_psc_exp or aeif_cond_exp.",
    limits="With the default Runge-Kutta 4 the reset acts at the end of a step, so that spikes come a little late (in NEST's reference runs, dt 0.1 ms and no refractory time, by up to 1.2 ms over 200 ms); the adaptive method resets within the step. delta_t = 0 (a hard threshold) is not offered. Spikes fall on the time grid.",
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
    refractory="t_ref",
    clamped=("v",),
    method="rk4",
    substeps=2,
    methods=("rk4", "adaptive"),
)
