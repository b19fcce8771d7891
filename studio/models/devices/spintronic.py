"""A magnetic tunnel junction: two states, and a pulse that switches only sometimes."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

MODEL = Device(
    key="spintronic",
    title="Magnetic tunnel junction",
    doc="Spin-transfer-torque memory: the weight is either low or high, and a write pulse switches it with a probability.",
    family="Spintronic",
    source="Vincent AF et al. (2015) Spin-transfer torque magnetic memory as a stochastic memristive synapse for neuromorphic systems. doi:10.1109/TBCAS.2015.2414423",
    limits="The probability is that of thermally activated switching below the critical voltage (Sun 2000, doi:10.1103/PhysRevB.62.570); precession above it is not modelled. No back-hopping, no read disturbance, no retention loss.",
    params=(
        *p.bounds(),
        Param(
            "switching",
            "asked",
            "",
            "How probable a switch is: asked (|dw| over the range, so that the mean change is what the rule wants), or pulse (a fixed pulse whenever the rule asks).",
            kind="word",
            choices=("asked", "pulse"),
        ),
        Param("v_pulse", 0.8, "", "Voltage of the pulse, in critical voltages.", low=0.0, high=1.0),
        Param("t_pulse", 100.0e-9, "s", "Duration of the pulse.", low=0.0, low_open=True, high=1.0),
        Param("stability", 40.0, "", "Thermal stability: the barrier in units of kT.", low=0.0, high=200.0),
        Param("tau_0", 1.0e-9, "s", "Attempt time.", low=0.0, low_open=True, high=1.0, advanced=True),
        p.spread("v_dtod", "Spread of the critical voltage between devices, relative to it.", 1.0),
        p.spread("low_dtod", "Spread of the low weight between devices, as a fraction of the range.", 1.0),
        p.spread("high_dtod", "Spread of the high weight between devices, as a fraction of the range.", 1.0),
        *STORAGE,
    ),
    presets=(
        Preset(
            "stochastic_pulse",
            "Weak fixed pulses",
            "Vincent AF et al. (2015), doi:10.1109/TBCAS.2015.2414423: pulses below the critical voltage that switch with a few per cent; the numbers are illustrative.",
            {
                "switching": "pulse",
                "v_pulse": 0.8,
                "t_pulse": 1.0e-7,
                "stability": 40.0,
                "v_dtod": 0.02,
                "low_dtod": 0.02,
                "high_dtod": 0.05,
            },
        ),
    ),
    states=(
        State("high", "0", "", "1 where the junction is in its high state, 0 where it is low."),
        State("x_low", "low_dtod*normal()", "", "This device's low weight, in the nominal range."),
        State("x_high", "1 + high_dtod*normal()", "", "This device's high weight, in the nominal range."),
        State("v_critical", "max(0.1, 1 + v_dtod*normal())", "", "This device's critical voltage relative to the nominal one."),
    ),
    program="""
high = 1 if uniform() < (w - w_min)/(w_max - w_min) else 0
w = w_min + (w_max - w_min)*(x_high if high > 0.5 else x_low)
""",
    write="""
tau = tau_0*exp(stability*(1 - v_pulse/v_critical))
p_switch = 1 - exp(-t_pulse/tau) if switching_pulse else abs(dw)/(w_max - w_min)
hit = uniform() < p_switch and dw != 0
high = (1 if dw > 0 else 0) if hit else high
w = w_min + (w_max - w_min)*(x_high if high > 0.5 else x_low)
""",
)
