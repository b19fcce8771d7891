"""A device whose changes shrink towards its bounds."""

from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param

MODEL = Device(
    key="soft_bounds",
    title="Soft bounds",
    family="Idealised",
    doc="A change is scaled by the distance to the bound it moves to, so that weights slow down and never leave their range.",
    source="Fusi S, Abbott LF (2007) Limits on the memory storage capacity of bounded synapses. doi:10.1038/nn1859; the step of aihwkit's SoftBoundsDevice without its variations.",
    limits="Deterministic: no variation between devices or between pulses, no read noise, no drift, no faults. Up and down differ only through the bounds.",
    params=(
        Param("w_min", 0.0, "", "Lowest weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_min"),
        Param("w_max", 1.0, "", "Highest weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_max"),
        *STORAGE,
    ),
    write="""
room = (w_max - w)/(w_max - w_min) if dw > 0 else (w - w_min)/(w_max - w_min)
w = min(w_max, max(w_min, w + dw*room))
""",
)
