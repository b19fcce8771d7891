"""Leaky integrate-and-fire with a spike that lasts, and the voltages that Clopath's learning rule reads."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="lif_clopath",
    title="LIF with filtered voltages (Clopath)",
    family="Integrate-and-fire",
    doc="A light cell for voltage-based plasticity: it fires at a threshold, stays at the height of a spike for a while, is reset, and keeps three low-passed voltages.",
    source="Clopath C et al. (2010) Connectivity reflects coding: a model of voltage-based STDP with homeostasis. doi:10.1038/nn.2479, with a leaky membrane in place of the exponential one.",
    limits="No spike onset, no adaptation: adex_clopath has them. Runge-Kutta of fourth order in steps of dt. The filtered voltages are not delayed. Jumps that arrive during the spike are lost.",
    params=(
        Param("tau_m", 10.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.25, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -70.6, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_th", -50.4, "mV", "Voltage at which the neuron fires.", low=-1000.0, high=1e6, role="threshold"),
        Param("v_clamp", 33.0, "mV", "Voltage during the spike.", low=-1000.0, high=1000.0),
        Param("t_clamp", 2.0, "ms", "How long the spike lasts.", low=0.0, high=1000.0),
        Param("v_reset", -60.0, "mV", "Voltage after the spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("tau_plus", 7.0, "ms", "Time constant of u_plus.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 10.0, "ms", "Time constant of u_minus.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_mean", 500.0, "ms", "Time constant of u_mean.", low=0.0, low_open=True, role="time_constant"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("u_plus", "v_rest", "mV", "Voltage low-passed for potentiation.", role="trace"),
        State("u_minus", "v_rest", "mV", "Voltage low-passed for depression.", role="trace"),
        State("u_mean", "v_rest", "mV", "Slow average of u_minus, for the homeostasis of depression.", role="trace"),
        State("left", "0", "ms", "How much of the spike is still to come."),
    ),
    equations="""
dv/dt = 0 if left > 0 else (v_rest - v)/tau_m + (i + i_offset)/c_m
du_plus/dt = (v - u_plus)/tau_plus
du_minus/dt = (v - u_minus)/tau_minus
du_mean/dt = (u_minus - u_mean)/tau_mean
""",
    closing="""
if last_left > 0:
    left = last_left - dt if last_left > 1.5*dt else 0
    v = v_clamp if left > 0 else v_reset
""",
    threshold="v >= v_th and left <= 0",
    reset="""
v = v_clamp if t_clamp > 0 else v_reset
left = t_clamp
""",
    method="rk4",
    methods=("rk4", "adaptive"),
)
