"""Phase-change memory written by partial SET pulses, forgetting by drift: a memory of recent activity."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

HOMEOSTATIC = "Muñoz-Martin I et al. (2021) A brain-inspired homeostatic neuron based on phase-change memories for efficient neuromorphic computing. doi:10.3389/fnins.2021.709053"

MODEL = Device(
    key="pcm_cumulative",
    title="PCM, cumulative (homeostatic)",
    doc="Each pulse up crystallises a part of what is left; a wish to weaken resets the device at once; between pulses the conductance drifts down.",
    family="PCM",
    source=f"{HOMEOSTATIC} (each spike raises the threshold, drift lets it fall); noise of partial pulses: Nandakumar SR et al. (2018) A phase-change memory model for neuromorphic computing. doi:10.1063/1.5042408.",
    limits="One exponent of drift for each device, the same at all conductances; the default numbers are illustrative, not a fit. No read noise. As a homeostatic device it belongs on a one-to-one projection from a population to itself that inhibits.",
    params=(
        *p.bounds(),
        Param("set_step", 0.1, "", "Part of the remaining range that one pulse crystallises.", low=0.0, high=1.0),
        Param("set_std", 0.3, "", "Spread of that step from pulse to pulse, relative to it.", low=0.0, high=100.0, role="variation"),
        Param("nu", 0.05, "", "Mean exponent of drift.", low=0.0, high=1.0),
        p.spread("nu_dtod", "Spread of the exponent between devices, relative to it."),
        Param("t_0", 0.01, "s", "Time after a pulse from which drift is counted.", low=0.0, low_open=True, high=1e6),
        Param("reset_level", 0.0, "", "Where a reset leaves the device, as a fraction of the range.", low=0.0, high=1.0),
        *STORAGE,
    ),
    presets=(
        Preset(
            "homeostatic",
            "Homeostatic neuron",
            f"{HOMEOSTATIC}; illustrative numbers.",
            {"set_step": 0.1, "set_std": 0.3, "nu": 0.1, "nu_dtod": 0.2, "t_0": 0.01},
        ),
    ),
    states=(State("exponent", "nu*max(0, 1 + nu_dtod*normal())", "", "This device's exponent of drift."),),
    program="w = min(w_max, max(w_min, w))",
    write="""
x = (w - w_min)/(w_max - w_min)*exp(-exponent*log((age + t_0)/t_0))
grown = x + (1 - x)*set_step*max(0, 1 + set_std*normal())
now = min(1, grown if dw > 0 else reset_level)
w = w_min + (w_max - w_min)*now if dw != 0 else w
""",
    read="w_min + (w - w_min)*exp(-exponent*log((age + t_0)/t_0))",
)
