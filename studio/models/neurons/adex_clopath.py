"""Adaptive exponential integrate-and-fire with the voltages that Clopath's learning rule reads."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="adex_clopath",
    title="AdEx with filtered voltages (Clopath)",
    family="Adaptive",
    doc="An exponential integrate-and-fire neuron with a spike that lasts, an afterdepolarisation, a moving threshold, and three low-passed voltages for voltage-based plasticity.",
    source="Clopath C et al. (2010) Connectivity reflects coding: a model of voltage-based STDP with homeostasis. doi:10.1038/nn.2479; Brette R, Gerstner W (2005) doi:10.1152/jn.00686.2005; parameters as NEST's aeif_psc_delta_clopath.",
    limits="Runge-Kutta of fourth order in steps of dt/2, the reset at the end of a step: spikes come a little late (see adex). The filtered voltages are not delayed (NEST offers a delay of some ms). Jumps that arrive during the spike are lost.",
    params=(
        Param("c_m", 0.281, "nF", "Membrane capacitance.", low=0.0, low_open=True, role="capacitance"),
        Param("g_l", 0.03, "uS", "Leak conductance.", low=0.0, low_open=True, role="conductance"),
        Param("v_rest", -70.6, "mV", "Leak reversal potential.", low=-1000.0, high=1000.0, role="rest"),
        Param("delta_t", 2.0, "mV", "Sharpness of the onset.", low=0.0, low_open=True, high=100.0, role="slope"),
        Param("v_peak", 33.0, "mV", "A spike is counted at this voltage.", low=-1000.0, high=1000.0, role="peak"),
        Param("v_clamp", 33.0, "mV", "Voltage during the spike.", low=-1000.0, high=1000.0),
        Param("t_clamp", 2.0, "ms", "How long the spike lasts.", low=0.0, high=1000.0),
        Param("v_reset", -60.0, "mV", "Voltage after the spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("a", 0.004, "uS", "Adaptation conductance below threshold.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("b", 0.0805, "nA", "Growth of the adaptation current at a spike.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("tau_w", 144.0, "ms", "Time constant of the adaptation current.", low=0.0, low_open=True, role="time_constant"),
        Param("i_spike", 0.4, "nA", "Afterdepolarising current at a spike.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("tau_z", 40.0, "ms", "Time constant of the afterdepolarisation.", low=0.0, low_open=True, role="time_constant"),
        Param("v_th", -50.4, "mV", "Voltage where the onset takes over, at rest.", low=-1000.0, high=1000.0, role="threshold"),
        Param("v_th_max", 30.4, "mV", "The same just after a spike.", low=-1000.0, high=1000.0, role="threshold"),
        Param("tau_th", 50.0, "ms", "Time constant with which it returns.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_plus", 7.0, "ms", "Time constant of u_plus.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 10.0, "ms", "Time constant of u_minus.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_mean", 500.0, "ms", "Time constant of u_mean.", low=0.0, low_open=True, role="time_constant"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("w_adapt", "0", "nA", "Adaptation current (w in the paper).", role="adaptation"),
        State("z", "0", "nA", "Afterdepolarising current.", role="adaptation"),
        State("theta", "v_th", "mV", "Voltage where the onset takes over, now.", role="threshold"),
        State("u_plus", "v_rest", "mV", "Voltage low-passed for potentiation.", role="trace"),
        State("u_minus", "v_rest", "mV", "Voltage low-passed for depression.", role="trace"),
        State("u_mean", "v_rest", "mV", "Slow average of u_minus, for the homeostasis of depression.", role="trace"),
        State("left", "0", "ms", "How much of the spike is still to come."),
    ),
    equations="""
free = 0 if left > 0 else 1
vc = v if left > 0 else min(v, v_peak)
dv/dt = free*(-g_l*(vc - v_rest) + g_l*delta_t*exp((vc - theta)/delta_t) - w_adapt + z + i + i_offset)/c_m
dw_adapt/dt = free*(a*(vc - v_rest) - w_adapt)/tau_w
dz/dt = -z/tau_z
dtheta/dt = (v_th - theta)/tau_th
du_plus/dt = (vc - u_plus)/tau_plus
du_minus/dt = (vc - u_minus)/tau_minus
du_mean/dt = (u_minus - u_mean)/tau_mean
""",
    closing="""
if last_left > 0:
    left = last_left - dt if last_left > 1.5*dt else 0
    v = v_clamp if left > 0 else v_reset
""",
    threshold="v >= v_peak and left <= 0",
    reset="""
v = v_clamp if t_clamp > 0 else v_reset
left = t_clamp
w_adapt += b
z = i_spike
theta = v_th_max
""",
    method="rk4",
    substeps=2,
    methods=("rk4", "adaptive"),
)
