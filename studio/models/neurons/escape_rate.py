"""Leaky integrate-and-fire with exponential escape noise."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="escape_rate",
    title="LIF with escape noise",
    family="Stochastic",
    doc="A leaky membrane that fires by chance: the hazard is exponential in the distance to the threshold.",
    source="Gerstner W, van Hemmen JL (1992) Associative memory in a network of spiking neurons. doi:10.1088/0954-898X_3_2_004; Jolivet R et al. (2006) Predicting spike timing of neocortical pyramidal neurons by simple threshold models. doi:10.1007/s10827-006-7074-5.",
    limits="The membrane is exact; the chance of a spike in a step is 1 - exp(-hazard*dt) with the hazard at its end: first order in dt, and at most one spike a step. In single precision chances below 1e-7 a step are rounded.",
    params=(
        Param("tau_m", 10.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.25, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -70.0, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_reset", -70.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("v_th", -55.0, "mV", "Voltage at which the hazard is rho_0.", low=-1000.0, high=1e6, role="threshold"),
        Param("rho_0", 0.1, "1/ms", "Hazard at the threshold.", low=0.0, high=1e6, role="rate"),
        Param(
            "delta_v", 2.0, "mV", "Softness of the threshold; towards 0 it becomes hard.", low=0.0, low_open=True, high=1000.0, role="slope"
        ),
        Param("t_ref", 2.0, "ms", "Refractory time: the voltage is held at v_reset.", low=0.0, high=1000.0, role="refractory"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),),
    equations="dv/dt = (v_rest - v)/tau_m + (i + i_offset)/c_m",
    threshold="uniform() < 1 - exp(-dt*rho_0*exp((v - v_th)/delta_v))",
    reset="v = v_reset",
    refractory="t_ref",
    clamped=("v",),
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
