"""Leaky integrate-and-fire that does not lose the jumps of its refractory time."""

from studio.models.spec import Neuron, Param, Preset, State

MODEL = Neuron(
    key="lif_refractory_input",
    title="Leaky integrate-and-fire, input saved while refractory",
    family="Integrate-and-fire",
    doc="As lif, but voltage jumps that arrive while the neuron is refractory are kept, decay, and act when it is free again.",
    source="Rotter S, Diesmann M (1999) doi:10.1007/s004220050570; NEST iaf_psc_delta with refractory_input.",
    limits="Spikes fall on the time grid. Only voltage jumps (delta kinetics) are saved; currents act while they flow. No lower bound of the voltage, no adaptation, no spike shape.",
    params=(
        Param("tau_m", 10.0, "ms", "Membrane time constant.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.25, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -70.0, "mV", "Voltage to which the membrane decays.", low=-1000.0, high=1000.0, role="rest"),
        Param("v_reset", -70.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("v_th", -55.0, "mV", "Voltage at which the neuron fires.", low=-1000.0, high=1e6, role="threshold"),
        Param("t_ref", 2.0, "ms", "Refractory time: the voltage is held at v_reset.", low=0.0, high=1000.0, role="refractory"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    presets=(
        Preset(
            "iaf_psc_delta",
            "NEST iaf_psc_delta, refractory_input",
            "NEST 3.10, defaults of iaf_psc_delta with refractory_input true.",
            {"tau_m": 10.0, "c_m": 0.25, "v_rest": -70.0, "v_reset": -70.0, "v_th": -55.0, "t_ref": 2.0},
            "delta",
        ),
    ),
    states=(
        State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),
        State("kept", "0", "mV", "What arrived while refractory and still has to act."),
    ),
    equations="dv/dt = (v_rest - v)/tau_m + (i + i_offset)/c_m\ndkept/dt = -kept/tau_m",
    threshold="v >= v_th",
    reset="v = v_reset",
    closing="""
if held < 1:
    v += kept
    kept = 0
""",
    refractory="t_ref",
    clamped=("v",),
    saved="kept",
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)
