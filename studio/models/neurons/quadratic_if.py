"""Quadratic integrate-and-fire."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="quadratic_if",
    title="Quadratic integrate-and-fire",
    family="Integrate-and-fire",
    doc="The simplest neuron with an upswing of its own: it fires as slowly as one likes just above its smallest current.",
    source="Ermentrout GB, Kopell N (1986) Parabolic bursting in an excitable system coupled with a slow oscillation. doi:10.1137/0146017; Latham PE et al. (2000) Intrinsic dynamics in neuronal networks. doi:10.1152/jn.2000.83.2.808.",
    limits="Runge-Kutta of fourth order in steps of dt/2; the moment of a spike within its step is estimated and the reset acts from there. Spikes fall on the time grid. No adaptation.",
    params=(
        Param("tau_m", 10.0, "ms", "Membrane time constant at rest.", low=0.0, low_open=True, role="time_constant"),
        Param("c_m", 0.25, "nF", "Membrane capacitance: how far a current moves the voltage.", low=0.0, low_open=True, role="capacitance"),
        Param("v_rest", -65.0, "mV", "Stable voltage without input.", low=-1000.0, high=1000.0, role="rest"),
        Param(
            "v_c",
            -50.0,
            "mV",
            "Voltage beyond which the upswing begins without input; above v_rest.",
            low=-1000.0,
            high=1000.0,
            role="threshold",
        ),
        Param("v_peak", 30.0, "mV", "A spike is cut and counted at this voltage.", low=-1000.0, high=1000.0, role="peak"),
        Param("v_reset", -70.0, "mV", "Voltage after a spike.", low=-1000.0, high=1000.0, role="reset"),
        Param("t_ref", 0.0, "ms", "Refractory time: the voltage is held at v_reset.", low=0.0, high=1000.0, role="refractory"),
        Param("i_offset", 0.0, "nA", "Constant input current.", low=-1000.0, high=1000.0, role="bias"),
    ),
    states=(State("v", "v_rest", "mV", "Membrane voltage.", role="membrane"),),
    derived="middle = (v_rest + v_c)/2\nwidth = v_c - v_rest",
    # beyond the peak the slope is that at the peak, so that no step runs away
    equations="""
vc = min(v, v_peak)
dv/dt = (vc - v_rest)*(vc - v_c)/(v_c - v_rest)/tau_m + (i + i_offset)/c_m
""",
    threshold="v >= v_peak",
    reset="v = v_reset",
    # width*tau_m*dv/dt = x*x + D with x = v - middle: the time from last_v to v_peak is a difference of two arctangents, nearly this
    crossing="""
tau_m*width*(v_peak - last_v)/((last_v - middle)*(v_peak - middle) + width*tau_m*(i + i_offset)/c_m - width*width/4)
""",
    refractory="t_ref",
    clamped=("v",),
    method="rk4",
    substeps=2,
    methods=("rk4", "adaptive"),
)
