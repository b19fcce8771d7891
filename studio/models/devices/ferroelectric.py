"""A ferroelectric transistor or tunnel junction: domains that switch one by one as pulses add up."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

MODEL = Device(
    key="ferroelectric",
    title="Ferroelectric",
    doc="Partial polarisation: identical pulses add up in time, and the fraction of switched domains follows a stretched exponential of it.",
    family="Ferroelectric",
    source=(
        "Ishibashi Y, Takagi Y (1971) Note on ferroelectric domain switching. doi:10.1143/JPSJ.31.506; accumulation of pulses in ferroelectric transistors: "
        "Mulaosmanovic H et al. (2018), doi:10.1039/C8MH00519B; switching time by voltage (Merz's law): Merz WJ (1954), doi:10.1103/PhysRev.95.690."
    ),
    limits=(
        "The distribution of switching times is folded into one exponent. A pulse of the other sign starts from the fraction that is left, without memory of "
        "how it came about. No depolarisation, no imprint, no fatigue, no charge trapping; the weight is linear in the polarisation."
    ),
    params=(
        *p.bounds(),
        Param("v_up", 3000.0, "mV", "Height of pulses up.", low=0.0, low_open=True, high=1e5),
        Param("v_down", 3000.0, "mV", "Height of pulses down.", low=0.0, low_open=True, high=1e5),
        Param("t_pulse", 1.0e-6, "s", "Duration of a pulse.", low=0.0, low_open=True, high=1e3, role="convention"),
        Param(
            "v_activation",
            12000.0,
            "mV",
            "Activation voltage of the switching time, t_inf*exp((v_activation/v)**merz).",
            low=0.0,
            high=1e7,
            role="convention",
        ),
        Param("merz", 2.0, "", "Exponent of the voltage in the switching time.", low=0.1, high=10.0, advanced=True),
        Param("t_inf", 1.0e-12, "s", "Switching time at very high voltage.", low=0.0, low_open=True, high=1.0, advanced=True),
        Param("stretch", 0.6, "", "Exponent of time: 1 one time constant, below 1 a distribution of them.", low=0.05, high=4.0),
        Param(
            "domains",
            1000.0,
            "",
            "Number of domains: fewer switch more unevenly. 0: without end.",
            low=0.0,
            high=1e9,
            integer=True,
            role="variation",
        ),
        Param("levels", 32.0, "", "How many pulses the driver counts for the whole range.", low=1.0, high=1e6, integer=True),
        p.spread("v_dtod", "Spread of the activation voltage between devices, relative to it.", 1.0),
        *p.DRIVING,
        *STORAGE,
    ),
    presets=(
        Preset(
            "fefet_32",
            "HfZrO transistor, 32 levels",
            "Jerry M et al. (2017) Ferroelectric FET analog synapse for acceleration of deep neural network training. doi:10.1109/IEDM.2017.8268338: pulses of microseconds and a few volts, 32 levels; the other numbers are illustrative.",
            {"t_pulse": 1.0e-6, "levels": 32.0, "domains": 1000.0, "v_dtod": 0.02},
        ),
    ),
    states=(State("v_own", "v_activation*max(0.1, 1 + v_dtod*normal())", "mV", "This device's activation voltage."),),
    program="w = min(w_max, max(w_min, w))",
    write="""
up = dw > 0
v = v_up if up else v_down
t_switch = t_inf*exp((v_own/v)**merz)
x = (w - w_min)/(w_max - w_min)
left = min(1, max(1e-12, 1 - x if up else x))
asked = abs(dw)/(w_max - w_min)*levels
n = min(most_pulses, asked if pulses_analog else floor(asked + (0.5 if pulses_nearest else uniform())))
before = (-log(left))**(1/stretch)
after = min(left, exp(-(before + n*t_pulse/t_switch)**stretch))
switched = 1 - after/left
uneven = sqrt(max(0, left*switched*(1 - switched))/max(1, domains))*normal() if domains > 0 else 0
still = min(1, max(0, after + uneven))
w = w_min + (w_max - w_min)*(1 - still if up else still) if n > 0 else w
""",
)
