"""Plasticity that reads the target's voltage."""

from studio.models.spec import Param, Plasticity, Preset, State, Trace

PAPER = "Clopath C et al. (2010) doi:10.1038/nn.2479"

MODEL = Plasticity(
    key="clopath",
    title="Voltage-based STDP (Clopath)",
    family="Voltage-based",
    doc="An arrival depresses where the target's voltage has lately been raised; potentiation needs a recent arrival, a raised voltage and a strong depolarisation at once.",
    source="Clopath C, Büsing L, Vasilaki E, Gerstner W (2010) Connectivity reflects coding: a model of voltage-based STDP with homeostasis. doi:10.1038/nn.2479; NEST clopath_synapse. Needs a target that keeps u_plus, u_minus and u_mean, such as adex_clopath.",
    limits="The voltage is looked at once every interval, which should be the step of the run; every look visits all synapses. Low-passed voltages are not delayed by the length of a spike, as NEST's are. The arrival counts when the spike leaves its neuron: the whole delay is dendritic, but the voltage is that of the moment. Hard bounds. A weight keeps the sign of w_max.",
    params=(
        Param(
            "w_max",
            1.0,
            "",
            "Largest weight, in the unit of the projection's weight; negative where the synapse inhibits.",
            low=-1e6,
            high=1e6,
            role="weight_max",
        ),
        Param("a_ltd", 14e-5, "1/mV", "Strength of depression, relative to w_max.", low=0.0, role="learning_rate"),
        Param("a_ltp", 8e-5, "1/mV^2", "Strength of potentiation, relative to w_max.", low=0.0, role="learning_rate"),
        Param("theta_minus", -70.6, "mV", "Above it a low-passed voltage counts as raised.", low=-1000.0, high=1000.0, role="threshold"),
        Param(
            "theta_plus",
            -45.3,
            "mV",
            "Above it the voltage itself counts as strongly depolarised.",
            low=-1000.0,
            high=1000.0,
            role="threshold",
        ),
        Param("tau_x", 15.0, "ms", "Time constant of the trace of arrivals.", low=0.0, low_open=True, role="time_constant"),
        Param(
            "v_homeostatic",
            7.75,
            "mV",
            "Mean depolarisation above theta_minus at which depression has the strength a_ltd; it grows with its square.",
            low=0.0,
            low_open=True,
            high=1e6,
        ),
        Param(
            "homeostasis",
            0,
            "",
            "1: depression grows with the square of the target's mean depolarisation; 0: it does not.",
            low=0,
            high=1,
            integer=True,
            shared=True,
        ),
        Param("interval", 0.1, "ms", "Time between two looks at the voltage: the step of the run.", low=0.0, low_open=True),
    ),
    presets=(
        Preset(
            "visual_cortex",
            "Visual cortex",
            f"{PAPER}, table 1: fit to slices of rat visual cortex.",
            {"a_ltd": 14e-5, "a_ltp": 8e-5, "theta_minus": -70.6, "theta_plus": -45.3, "tau_x": 15.0},
        ),
        Preset(
            "hippocampus",
            "Hippocampus",
            f"{PAPER}, table 1: fit to slices of hippocampus; with tau_plus 2 ms in the neuron.",
            {"a_ltd": 38e-5, "a_ltp": 2e-5, "theta_minus": -41.0, "theta_plus": -38.0, "tau_x": 16.0},
        ),
    ),
    traces=(Trace("x", "tau_x", "pre", "Arrivals of the presynaptic neuron."),),
    states=(State("arrived", "0", "", "Arrivals since the voltage was last looked at."),),
    on_pre="arrived = arrived + 1",
    every="""
raised = max(0, post_u_minus - theta_minus)
mean = max(0, post_u_mean - theta_minus)/v_homeostatic
depression = a_ltd*(mean*mean if homeostasis > 0 else 1)*arrived*raised
potentiation = a_ltp*x*interval/tau_x*max(0, post_v - theta_plus)*max(0, post_u_plus - theta_minus)
w = w_max*min(1, max(0, w/w_max - depression + potentiation))
arrived = 0
""",
    interval="interval",
)
