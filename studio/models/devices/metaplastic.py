"""A binary weight with a hidden strength: the longer it has been right, the harder it is to turn round."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

LABORIEUX = "Laborieux A, Ernoult M, Hirtzlin T, Querlioz D (2021) Synaptic metaplasticity in binarized neural networks. doi:10.1038/s41467-021-22768-y"

MODEL = Device(
    key="metaplastic",
    title="Metaplastic, binary",
    doc="The weight is low or high by the sign of a hidden strength; changes that would weaken the strength shrink as it grows.",
    family="Second order",
    source=f"{LABORIEUX}. The hidden strength is meant as an analog device beside the binary one.",
    limits="The hidden strength is ideal: no steps, no noise, no bound but the largest number. The binary device switches at once and without fail.",
    params=(
        *p.bounds(),
        Param(
            "m",
            1.3,
            "",
            "Metaplasticity: how fast changes towards zero shrink with the hidden strength; 0 not at all.",
            low=0.0,
            high=100.0,
        ),
        Param(
            "spread_start",
            0.1,
            "",
            "Hidden strength at the start, drawn with this standard deviation and the sign of the weight.",
            low=0.0,
            high=100.0,
        ),
        *STORAGE,
    ),
    presets=(Preset("laborieux_2021", "Binarized network, m = 1.3", f"{LABORIEUX}.", {"m": 1.3, "spread_start": 0.1}),),
    states=(State("strength", "0", "", "The hidden strength; the weight is high where it is above 0."),),
    program="""
high = w > 0.5*(w_min + w_max)
strength = (1 if high else -1)*abs(spread_start*normal())
w = w_max if high else w_min
""",
    write="""
change = 2*dw/(w_max - w_min)
kept = 1 - tanh(m*strength)**2 if change*strength < 0 else 1
strength = strength + change*kept
w = w_max if strength > 0 else w_min
""",
)
