"""A membrane that is never reset, with a threshold of two time scales."""

from studio.models.spec import Neuron, Param, Preset, State

MODEL = Neuron(
    key="mat2",
    title="Multi-timescale adaptive threshold (MAT2)",
    family="Adaptive",
    doc="The voltage is never reset; each spike lifts the threshold, fast and slowly. Predicts spikes of cortical cells well for so few numbers.",
    source="Kobayashi R, Tsubo Y, Shinomoto S (2009) Made-to-order spiking neuron model equipped with a multi-timescale adaptive threshold. doi:10.3389/neuro.10.009.2009; NEST mat2_psc_exp.",
    limits="Integrated exactly; spikes fall on the time grid. No reset of the voltage and no spike shape: conductances see a voltage without spikes.",
    params=(
        Param("tau_m", 5.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.1, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -70.0, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param(
            "v_th",
            -51.0,
            "mV",
            "Threshold of a neuron that has not fired for long (omega in the paper, from rest).",
            low=-1000.0,
            high=1e6,
            role="threshold",
        ),
        Param("alpha_1", 37.0, "mV", "Fast growth of the threshold at a spike.", low=-1000.0, high=1e6, role="adaptation"),
        Param("alpha_2", 2.0, "mV", "Slow growth of the threshold at a spike.", low=-1000.0, high=1e6, role="adaptation"),
        Param("tau_1", 10.0, "ms", "Time constant of the fast part.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_2", 200.0, "ms", "Time constant of the slow part.", low=0.0, low_open=True, role="time_constant"),
        Param(
            "t_ref",
            2.0,
            "ms",
            "Time after a spike during which no other is fired; the voltage goes on.",
            low=0.0,
            high=1000.0,
            role="refractory",
        ),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    presets=(
        Preset(
            "regular_spiking",
            "Regular spiking",
            "Kobayashi R et al. (2009) doi:10.3389/neuro.10.009.2009, as NEST's defaults of mat2_psc_exp.",
            {
                "tau_m": 5.0,
                "c_m": 0.1,
                "v_rest": -70.0,
                "v_th": -51.0,
                "alpha_1": 37.0,
                "alpha_2": 2.0,
                "tau_1": 10.0,
                "tau_2": 200.0,
                "t_ref": 2.0,
            },
            "exponential",
            {"tau": 1.0},
        ),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("theta_1", "0", "mV", "Fast part of the threshold above v_th.", role="adaptation"),
        State("theta_2", "0", "mV", "Slow part of the threshold above v_th.", role="adaptation"),
    ),
    equations="""
dv/dt = (v_rest - v)/tau_m + (i + i_offset)/c_m
dtheta_1/dt = -theta_1/tau_1
dtheta_2/dt = -theta_2/tau_2
""",
    threshold="v >= v_th + theta_1 + theta_2",
    reset="theta_1 += alpha_1; theta_2 += alpha_2",
    refractory="t_ref",
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
