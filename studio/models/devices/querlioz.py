"""A device that takes one pulse for each event, whose step falls off exponentially with what it already holds."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

MODEL = Device(
    key="querlioz",
    title="Exponential step, one pulse an event",
    doc="Whenever a rule asks for more, the weight grows by a step that falls off exponentially with the weight; whenever it asks for less, the same downwards. How much is asked for does not matter.",
    family="RRAM",
    source="Querlioz D, Bichler O, Dollfus P, Gamrat C (2013) Immunity to device variations in a spiking neural network with memristive nanodevices. doi:10.1109/TNANO.2013.2250995",
    limits="Only the sign of the wanted change counts, as for devices driven by overlapping spikes. No noise from pulse to pulse, no read noise, no drift, no wires.",
    params=(
        *p.bounds(),
        Param("alpha_plus", 0.01, "", "Step up at the lowest weight, as a fraction of the range.", low=0.0, high=1.0),
        Param("alpha_minus", 0.005, "", "Step down at the highest weight, as a fraction of the range.", low=0.0, high=1.0),
        Param("beta_plus", 3.0, "", "How steeply steps up fall off over the range.", low=0.0, high=100.0),
        Param("beta_minus", 3.0, "", "How steeply steps down fall off over the range.", low=0.0, high=100.0),
        p.spread("step_dtod", "Spread of both steps between devices, relative to them."),
        p.spread("bound_dtod", "Spread of both bounds between devices, as a fraction of the range."),
        *STORAGE,
    ),
    presets=(
        Preset(
            "querlioz_2013",
            "Memristive nanodevices, 25 % dispersion",
            "Querlioz D et al. (2013), doi:10.1109/TNANO.2013.2250995: all parameters dispersed by 25 %, which its network learns through; 10 % on the bounds here.",
            {"alpha_plus": 0.01, "alpha_minus": 0.005, "beta_plus": 3.0, "beta_minus": 3.0, "step_dtod": 0.25, "bound_dtod": 0.1},
        ),
    ),
    states=(
        State("up", "max(0, alpha_plus*(1 + step_dtod*normal()))", "", "This device's step up at its lowest weight."),
        State("down", "max(0, alpha_minus*(1 + step_dtod*normal()))", "", "This device's step down at its highest weight."),
        State("low", "min(0.45, bound_dtod*normal())", "", "This device's lower bound, in the nominal range."),
        State("high", "max(0.55, 1 + bound_dtod*normal())", "", "This device's upper bound, in the nominal range."),
    ),
    program="w = w_min + (w_max - w_min)*min(high, max(low, (w - w_min)/(w_max - w_min)))",
    write="""
x = (w - w_min)/(w_max - w_min)
grown = min(high, x + up*exp(-beta_plus*(x - low)/(high - low)))
shrunk = max(low, x - down*exp(-beta_minus*(high - x)/(high - low)))
w = w_min + (w_max - w_min)*(grown if dw > 0 else shrunk) if dw != 0 else w
""",
)
