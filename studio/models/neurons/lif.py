"""Leaky integrate-and-fire, integrated exactly."""

from studio.models.spec import Neuron, Param, Preset, State

CURRENT_BASED = {"tau_m": 10.0, "c_m": 0.25, "v_rest": -70.0, "v_reset": -70.0, "v_th": -55.0, "t_ref": 2.0}
CONDUCTANCE_BASED = {"tau_m": 15.0, "c_m": 0.25, "v_rest": -70.0, "v_reset": -60.0, "v_th": -55.0, "t_ref": 2.0}  # tau_m = C_m / g_L

MODEL = Neuron(
    key="lif",
    title="Leaky integrate-and-fire",
    family="Integrate-and-fire",
    doc="A leaky membrane that sums its input, fires at a threshold, and is reset and held for a refractory time.",
    source="Rotter S, Diesmann M (1999) Exact digital simulation of time-invariant linear systems with applications to neuronal modeling. doi:10.1007/s004220050570; with delta, exponential, alpha or conductance kinetics it is NEST's iaf_psc_delta, iaf_psc_exp, iaf_psc_alpha, iaf_cond_exp or iaf_cond_alpha (c_m = tau_m * g_L).",
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
    presets=(
        Preset("iaf_psc_delta", "NEST iaf_psc_delta", "NEST 3.10, defaults of iaf_psc_delta.", CURRENT_BASED, "delta"),
        Preset("iaf_psc_exp", "NEST iaf_psc_exp", "NEST 3.10, defaults of iaf_psc_exp.", CURRENT_BASED, "exponential", {"tau": 2.0}),
        Preset("iaf_psc_alpha", "NEST iaf_psc_alpha", "NEST 3.10, defaults of iaf_psc_alpha.", CURRENT_BASED, "alpha", {"tau": 2.0}),
        Preset(
            "iaf_cond_exp",
            "NEST iaf_cond_exp",
            "NEST 3.10, defaults of iaf_cond_exp (g_L 16.6667 nS); its inhibition has tau 2 ms and e_rev -85 mV.",
            CONDUCTANCE_BASED,
            "conductance_exponential",
            {"tau": 0.2, "e_rev": 0.0},
        ),
        Preset(
            "iaf_cond_alpha",
            "NEST iaf_cond_alpha",
            "NEST 3.10, defaults of iaf_cond_alpha (g_L 16.6667 nS); its inhibition has tau 2 ms and e_rev -85 mV.",
            CONDUCTANCE_BASED,
            "conductance_alpha",
            {"tau": 0.2, "e_rev": 0.0},
        ),
        Preset(
            "brunel",
            "Brunel (2000)",
            "Brunel N (2000) Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons. doi:10.1023/A:1008925309027.",
            {"tau_m": 20.0, "v_rest": 0.0, "v_reset": 10.0, "v_th": 20.0, "t_ref": 2.0},
            "delta",
        ),
        Preset(
            "microcircuit",
            "Cortical microcircuit (Potjans and Diesmann 2014)",
            "Potjans TC, Diesmann M (2014) The cell-type specific cortical microcircuit. doi:10.1093/cercor/bhs358.",
            {"tau_m": 10.0, "c_m": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_th": -50.0, "t_ref": 2.0},
            "exponential",
            {"tau": 0.5},
        ),
        Preset(
            "vogels_abbott",
            "Balanced network (Vogels and Abbott 2005)",
            "Vogels TP, Abbott LF (2005) doi:10.1523/JNEUROSCI.3508-05.2005, as benchmark 1 of Brette R et al. (2007) doi:10.1007/s10827-007-0038-6; its inhibition has tau 10 ms and e_rev -80 mV.",
            {"tau_m": 20.0, "c_m": 0.2, "v_rest": -60.0, "v_reset": -60.0, "v_th": -50.0, "t_ref": 5.0},
            "conductance_exponential",
            {"tau": 5.0, "e_rev": 0.0},
        ),
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
