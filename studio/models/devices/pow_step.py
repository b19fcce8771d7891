"""A device whose step is a power of the distance to the bound it moves to."""

from studio.models.devices import pulses as p
from studio.models.spec import Device, Param, Preset, State

MODEL = Device(
    key="pow_step",
    title="Power-law step",
    doc="Each pulse moves the weight by a step that falls with a power of the room that is left.",
    family="RRAM",
    source="Frascaroli J et al. (2018) Evidence of soft bound behaviour in analogue memristive devices for neuromorphic computing. doi:10.1038/s41598-018-25376-x; aihwkit's PowStepDevice.",
    limits=p.LIMITS,
    params=p.params(
        Param("gamma", 1.0, "", "The power: 0 constant steps, 1 soft bounds.", low=0.0, high=100.0),
        Param(
            "gamma_up_down",
            0.0,
            "",
            "Asymmetry of the power: above 0 it is smaller by this fraction downwards, below 0 upwards.",
            low=-1.0,
            high=1.0,
        ),
        p.spread("gamma_dtod", "Spread of the power between devices, relative to it."),
        dw_min=0.01,
    ),
    presets=(
        Preset(
            "soft",
            "Soft bounds, 100 steps",
            "Frascaroli J et al. (2018), doi:10.1038/s41598-018-25376-x: the linear fall-off of the step in HfO2 memristors, without variation.",
            {"dw_min": 0.01, "gamma": 1.0},
        ),
    ),
    states=(*p.STATES, State("power", "max(0, gamma*(1 + gamma_dtod*normal()))", "", "This device's power.")),
    program=p.PROGRAM,
    write=p.written(
        "(max(0, high - @)/span)**(power*(1 + min(gamma_up_down, 0))) if up else (max(0, @ - low)/span)**(power*(1 - max(gamma_up_down, 0)))",
        lead="span = max(1e-9, high - low)",
    ),
)
