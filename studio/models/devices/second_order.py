"""A second-order memristor: a fast inner variable remembers recent pulses and decides what the next one does."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

KIM = "Kim S et al. (2015) Experimental demonstration of a second-order memristor and its ability to biorealistically implement synaptic plasticity. doi:10.1021/acs.nanolett.5b00697"
ZHU = "Zhu X, Du C, Jeong Y, Lu WD (2017) Emulation of synaptic metaplasticity in memristors. doi:10.1039/C6NR08024C"

MODEL = Device(
    key="second_order",
    title="Second-order memristor",
    doc="Each pulse leaves a trace (heat, mobile ions) that fades within tau; while it lasts, pulses act more strongly, or less.",
    family="Second order",
    source=f"{KIM}; {ZHU}.",
    limits="A minimal form of the idea, with one linear inner variable and soft bounds: shapes and signs of the measurements, not their numbers. The inner variable grows with pulses of both signs.",
    params=(
        *p.bounds(),
        *p.step(0.01)[:1],
        Param("tau", 0.05, "s", "How long the trace of a pulse lasts.", low=0.0, low_open=True, high=1e9),
        Param("trace_step", 0.5, "", "How far one pulse fills what is left of the trace, which lies between 0 and 1.", low=0.0, high=1.0),
        Param(
            "boost",
            4.0,
            "",
            "Change of a step at a full trace, relative to the step: above 0 recent pulses help, below 0 they hinder.",
            low=-1.0,
            high=1e3,
        ),
        p.spread("dw_min_std", "Spread of a step from pulse to pulse, relative to the step.", 100.0),
        *p.DRIVING,
        *STORAGE,
    ),
    presets=(
        Preset(
            "kim_2015",
            "Ca-like trace: timing matters",
            f"{KIM}; tau stretched to the times of neurons.",
            {"tau": 0.05, "trace_step": 0.5, "boost": 4.0},
        ),
        Preset(
            "zhu_2017",
            "Metaplastic: activity damps change",
            f"{ZHU}; the sign of the effect, with illustrative numbers.",
            {"tau": 10.0, "trace_step": 0.1, "boost": -0.9},
        ),
    ),
    states=(State("trace", "0", "", "What is left of recent pulses, just after the last one: 0 nothing, 1 full."),),
    program="w = min(w_max, max(w_min, w))",
    write="""
up = dw > 0
x = (w - w_min)/(w_max - w_min)
faded = trace*exp(-age/tau)
asked = abs(dw)/((w_max - w_min)*dw_min)
n = min(most_pulses, asked if pulses_analog else floor(asked + (0.5 if pulses_nearest else uniform())))
size = dw_min*max(0, 1 + boost*faded)
kept = (1 - min(1, size))**n
moved = 1 - (1 - x)*kept if up else x*kept
noisy = moved + sqrt(n)*dw_min_std*size*(1 - x if up else x)*normal()
trace = (1 - (1 - faded)*(1 - trace_step)**n if n > 0 else faded) if dw != 0 else trace
w = w_min + (w_max - w_min)*min(1, max(0, noisy)) if n > 0 else w
""",
)
