"""Leaky integrate-and-fire, integrated exactly."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="lif",
    title="Leaky integrate-and-fire",
    family="Integrate-and-fire",
    doc="A leaky membrane that sums its input, fires at a threshold, and is reset and held for a refractory time.",
    source="Rotter S, Diesmann M (1999) Exact digital simulation of time-invariant linear systems with applications to neuronal modeling. doi:10.1007/s004220050570; with delta, exponential, alpha or conductance kinetics it is NEST's iaf_psc_delta, iaf_psc_exp, iaf_psc_alpha or iaf_cond_exp (c_m = tau_m * g_L).",
    limits="Spikes fall on the time grid. Input that arrives as a voltage jump during the refractory time is lost. No lower bound of the voltage, no adaptation, no spike shape.",
    params=(
        Param("tau_m", 10.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.25, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -70.0, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_reset", -70.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("v_th", -55.0, "mV", "Voltage at which the neuron fires.", low=-1000.0, high=1e6, role="threshold"),
        Param("t_ref", 2.0, "ms", "Refractory time: the voltage is held at v_reset.", low=0.0, high=1000.0, role="refractory"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),),
    equations="dv/dt = (v_rest - v)/tau_m + (i + i_offset)/c_m",
    threshold="v >= v_th",
    reset="v = v_reset",
    refractory="t_ref",
    clamped=("v",),
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
