"""Leaky integrate-and-fire with an adaptive threshold."""

from studio.models.spec import Neuron, Param, Preset, State

MODEL = Neuron(
    key="alif",
    title="Adaptive LIF (moving threshold)",
    family="Adaptive",
    doc="A leaky membrane whose threshold rises with every spike and returns slowly: the longer it fires, the harder it fires.",
    source="Bellec G et al. (2018) Long short-term memory and learning-to-learn in networks of spiking neurons. arXiv:1803.09574; Bellec G et al. (2020) A solution to the learning dilemma for recurrent networks of spiking neurons. doi:10.1038/s41467-020-17236-y. There a spike subtracts the resting threshold (subtract = 1).",
    limits="Integrated exactly between spikes, which fall on the time grid. The threshold adds up over spikes without a bound. Input that arrives as a voltage jump during the refractory time is lost.",
    params=(
        Param("tau_m", 20.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.25, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -70.0, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_reset", -70.0, "mV", "Voltage after a spike, where it is a reset.", low=-1000.0, high=1000.0, role="reset"),
        Param("v_th", -55.0, "mV", "Threshold of a neuron that has not fired for long.", low=-1000.0, high=1e6, role="threshold"),
        Param("beta", 1.8, "mV", "Growth of the threshold at a spike.", low=-1000.0, high=1e6, role="adaptation"),
        Param("tau_theta", 200.0, "ms", "Time constant with which the threshold returns.", low=0.0, low_open=True, role="time_constant"),
        Param("t_ref", 2.0, "ms", "Refractory time: the voltage is held.", low=0.0, high=1000.0, role="refractory"),
        Param(
            "subtract",
            0,
            "",
            "0: a spike resets the voltage to v_reset; 1: it subtracts v_th - v_rest.",
            low=0,
            high=1,
            integer=True,
            shared=True,
        ),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    presets=(
        Preset(
            "bellec",
            "LSNN (Bellec 2018)",
            "Bellec G et al. (2018) arXiv:1803.09574: membrane 20 ms, refractory 5 ms, adaptation 700 ms; their plain numbers (threshold 0.01, beta 1.8) are given as 10 mV above rest and a growth of 1.8 of it per unit of rate.",
            {"tau_m": 20.0, "v_rest": 0.0, "v_th": 10.0, "beta": 1.8, "tau_theta": 700.0, "t_ref": 5.0, "subtract": 1},
        ),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("theta", "0", "mV", "How far the threshold is above v_th.", role="adaptation"),
    ),
    equations="dv/dt = (v_rest - v)/tau_m + (i + i_offset)/c_m\ndtheta/dt = -theta/tau_theta",
    threshold="v >= v_th + theta",
    reset="""
v = v - (v_th - v_rest) if subtract > 0 else v_reset
theta += beta
""",
    refractory="t_ref",
    clamped=("v",),
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
