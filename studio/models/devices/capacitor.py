"""A weight as the charge of a capacitor: nearly linear steps, and a leak."""

from studio.models.devices import pulses as p
from studio.models.spec import Device, Param, Preset, State

LEAK = "(w_min + (w_max - w_min)*x_ref)"

MODEL = Device(
    key="capacitor",
    title="Capacitor",
    doc="Current pulses charge a capacitor in nearly equal steps; it leaks towards x_ref.",
    family="Idealised",
    source="Li Y et al. (2018) Capacitor-based cross-point array for analog neural network with record symmetry and linearity. doi:10.1109/VLSIT.2018.8510648; aihwkit's LinearStepDevice.",
    limits=p.LIMITS + " The leak is one exponential, the same for all devices but for its spread, and the same during a pulse.",
    params=p.params(
        Param("gamma_up", 0.05, "", "By how much a step up has shrunk at the highest weight.", low=0.0, high=10.0),
        Param("gamma_down", 0.05, "", "By how much a step down has shrunk at the lowest weight.", low=0.0, high=10.0),
        Param("tau_leak", 1.0, "s", "Time constant of the leak.", low=0.0, low_open=True, high=1e12),
        p.spread("tau_leak_dtod", "Spread of the leak's time constant between devices, relative to it.", 1.0),
        dw_min=0.0025,
        x_ref=p.reference("Where in the range the capacitor leaks to, and where a step is not shrunk yet.", inside=True),
    ),
    presets=(
        Preset(
            "li_2018",
            "Cross-point array of capacitors",
            "Li Y et al. (2018), doi:10.1109/VLSIT.2018.8510648; aihwkit's CapacitorPresetDevice. Its leak of a millionth a mini-batch is left to tau_leak.",
            {
                "dw_min": 0.0025,
                "gamma_up": 0.05,
                "gamma_down": 0.05,
                "x_ref": 0.5,
                "dw_min_dtod": 0.1,
                "up_down_dtod": 0.06,
                "w_max_dtod": 0.07,
                "w_min_dtod": 0.07,
                "dw_min_std": 0.3,
                "tau_leak_dtod": 0.3,
            },
        ),
    ),
    states=(*p.STATES, State("tau", "tau_leak*max(0.01, 1 + tau_leak_dtod*normal())", "s", "This device's time constant.")),
    program=p.PROGRAM,
    write=p.written(
        "max(0, 1 - (gamma_up*(@ - x_ref)/(1 - x_ref) if up else gamma_down*(x_ref - @)/x_ref))",
        "size",
        lead=f"left = exp(-age/tau)\nx = x_ref + (x - x_ref)*left if dw != 0 else x\nw = {LEAK} + (w - {LEAK})*left if dw != 0 else w",
    ),
    read=f"{LEAK} + (w - {LEAK})*exp(-age/tau)",
)
