"""Generalised integrate-and-fire: escape noise, spike-triggered currents and a moving threshold."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="gif_psc_exp",
    title="Generalised integrate-and-fire",
    family="Stochastic",
    doc="Fires by chance, the more likely the closer the voltage is to a threshold that rises with every spike; each spike also starts a current.",
    source="Mensi S et al. (2012) Parameter extraction and classification of three cortical neuron types reveals two distinct adaptation mechanisms. doi:10.1152/jn.00408.2011; Pozzorini C et al. (2015) Automated high-throughput characterization of single neurons by means of simplified spiking models. doi:10.1371/journal.pcbi.1004275; NEST gif_psc_exp.",
    limits="Two exponentials each for the spike-triggered current and the threshold. The chance of a spike in a step is 1 - exp(-hazard*dt) with the hazard at its end; a step has at most one spike. NEST holds the spike-triggered current over a step and takes the threshold from its beginning: its q_stc and q_sfa are ours times a factor close to 1 (tests/golden/nest). In single precision chances below 1e-7 a step are rounded.",
    params=(
        Param("c_m", 0.08, "nF", "Membrane capacitance.", low=0.0, low_open=True, role="capacitance"),
        Param("g_l", 0.004, "uS", "Leak conductance.", low=0.0, low_open=True, role="conductance"),
        Param("v_rest", -70.0, "mV", "Leak reversal potential.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_reset", -55.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("v_th", -35.0, "mV", "Threshold at rest, where the hazard is lambda_0.", low=-1000.0, high=1000.0, role="threshold"),
        Param("delta_v", 0.5, "mV", "Softness of the threshold.", low=0.0, low_open=True, high=1000.0, role="slope"),
        Param("lambda_0", 0.001, "1/ms", "Hazard at the threshold.", low=0.0, high=1e6, role="rate"),
        Param("t_ref", 4.0, "ms", "Refractory time: the voltage is held at v_reset.", low=0.0, high=1000.0, role="refractory"),
        Param(
            "q_stc_1",
            0.0567,
            "nA",
            "Growth of the first spike-triggered current at a spike; positive holds the cell back.",
            low=-1000.0,
            high=1000.0,
            role="adaptation",
        ),
        Param("tau_stc_1", 57.8, "ms", "Time constant of the first spike-triggered current.", low=0.0, low_open=True, role="time_constant"),
        Param(
            "q_stc_2",
            -0.0069,
            "nA",
            "Growth of the second spike-triggered current at a spike.",
            low=-1000.0,
            high=1000.0,
            role="adaptation",
        ),
        Param(
            "tau_stc_2", 218.2, "ms", "Time constant of the second spike-triggered current.", low=0.0, low_open=True, role="time_constant"
        ),
        Param("q_sfa_1", 11.7, "mV", "First rise of the threshold at a spike.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("tau_sfa_1", 53.8, "ms", "Time constant of the first rise.", low=0.0, low_open=True, role="time_constant"),
        Param("q_sfa_2", 1.8, "mV", "Second rise of the threshold at a spike.", low=-1000.0, high=1000.0, role="adaptation"),
        Param("tau_sfa_2", 640.0, "ms", "Time constant of the second rise.", low=0.0, low_open=True, role="time_constant"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("stc_1", "0", "nA", "First spike-triggered current.", role="adaptation"),
        State("stc_2", "0", "nA", "Second spike-triggered current.", role="adaptation"),
        State("sfa_1", "0", "mV", "First rise of the threshold.", role="adaptation"),
        State("sfa_2", "0", "mV", "Second rise of the threshold.", role="adaptation"),
    ),
    equations="""
dv/dt = (g_l*(v_rest - v) - stc_1 - stc_2 + i + i_offset)/c_m
dstc_1/dt = -stc_1/tau_stc_1
dstc_2/dt = -stc_2/tau_stc_2
dsfa_1/dt = -sfa_1/tau_sfa_1
dsfa_2/dt = -sfa_2/tau_sfa_2
""",
    threshold="uniform() < 1 - exp(-dt*lambda_0*exp((v - v_th - sfa_1 - sfa_2)/delta_v))",
    reset="""
v = v_reset
stc_1 += q_stc_1
stc_2 += q_stc_2
sfa_1 += q_sfa_1
sfa_2 += q_sfa_2
""",
    refractory="t_ref",
    clamped=("v",),
    arrival="before",
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
