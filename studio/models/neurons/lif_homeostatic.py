"""Leaky integrate-and-fire with a threshold that learns how often it may fire."""

from studio.models.spec import Neuron, Param, Preset, State

MODEL = Neuron(
    key="lif_homeostatic",
    title="LIF with intrinsic threshold",
    family="Adaptive",
    doc="Every spike lifts the threshold a little, for hours: neurons that fire much become hard to excite, so that all take part.",
    source="Diehl PU, Cook M (2015) Unsupervised learning of digit recognition using spike-timing-dependent plasticity. doi:10.3389/fncom.2015.00099.",
    limits="Integrated exactly between spikes where its receptors are linear too. The threshold adds up over spikes without a bound. Input that arrives as a voltage jump during the refractory time is lost.",
    params=(
        Param("tau_m", 100.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.1, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -65.0, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_reset", -65.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("v_th", -52.0, "mV", "Threshold of a neuron that has never fired.", low=-1000.0, high=1e6, role="threshold"),
        Param(
            "theta_plus",
            0.05,
            "mV",
            "Growth of the threshold at a spike; 0 freezes it after training.",
            low=0.0,
            high=1000.0,
            role="adaptation",
        ),
        Param("tau_theta", 1e7, "ms", "Time constant with which the threshold returns.", low=0.0, low_open=True, role="time_constant"),
        Param("theta_start", 0.0, "mV", "How far the threshold is above v_th at the start.", low=-1000.0, high=1e6, role="adaptation"),
        Param("t_ref", 5.0, "ms", "Refractory time: the voltage is held at v_reset.", low=0.0, high=1000.0, role="refractory"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    presets=(
        Preset(
            "excitatory",
            "Excitatory (Diehl and Cook)",
            "Diehl PU, Cook M (2015) doi:10.3389/fncom.2015.00099 and its published code: thresholds begin 20 mV higher and are written 20 mV lower, which is the same.",
            {"tau_m": 100.0, "v_rest": -65.0, "v_reset": -65.0, "v_th": -52.0, "theta_plus": 0.05, "tau_theta": 1e7, "t_ref": 5.0},
            "conductance_exponential",
            {"tau": 1.0, "e_rev": 0.0},
        ),
        Preset(
            "inhibitory",
            "Inhibitory (Diehl and Cook)",
            "Diehl PU, Cook M (2015) doi:10.3389/fncom.2015.00099: no adaptation.",
            {"tau_m": 10.0, "v_rest": -60.0, "v_reset": -45.0, "v_th": -40.0, "theta_plus": 0.0, "tau_theta": 1e7, "t_ref": 2.0},
            "conductance_exponential",
            {"tau": 1.0, "e_rev": 0.0},
        ),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("theta", "theta_start", "mV", "How far the threshold is above v_th.", role="adaptation"),
    ),
    equations="dv/dt = (v_rest - v)/tau_m + (i + i_offset)/c_m\ndtheta/dt = -theta/tau_theta",
    threshold="v >= v_th + theta",
    reset="v = v_reset; theta += theta_plus",
    refractory="t_ref",
    clamped=("v",),
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
