"""Filamentary memory of conductive metal oxide and HfOx, programmed into an acceptance range: it decays a little and reads noisily."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

FALCONE = "Falcone DF et al. (2025) All-in-one analog AI hardware: on-chip training and inference with conductive-metal-oxide/HfOx ReRAM devices. doi:10.1002/adfm.202504688; aihwkit's ReRamCMONoiseModel"
G = "(g_min + (g_max - g_min)*(w - w_min)/(w_max - w_min))"
LATE = "log(max(1, age/t_second))"
DRIFTED = f"({G} + relaxation*(decay*{LATE} + (spread_0 + spread_1*{LATE})*luck))"
PROGRAMMED = """
g = g_min + (g_max - g_min)*min(1, max(0, (wanted - w_min)/(w_max - w_min)))
g_stored = g + prog_noise*(prog_0 + prog_1*g)*normal()
stored = w_min + (w_max - w_min)*(g_stored - g_min)/(g_max - g_min)
"""


MODEL = Device(
    key="cmo_hfox",
    title="CMO/HfOx RRAM",
    doc="Analog RRAM with a conductive metal oxide: programmed to within a few per cent of its target, it relaxes with the logarithm of time.",
    family="RRAM",
    source=f"{FALCONE}.",
    limits=(
        "Relaxation does not depend on the level; it is meant from a second on, and each device keeps its place in the spread. A change asked for "
        "programs the device anew. Reads are independent of each other; no relation of current and voltage, no wires, no faults."
    ),
    params=(
        *p.bounds(),
        Param("g_min", 9.0, "uS", "Conductance of the lowest weight.", low=0.0, high=1e6),
        Param("g_max", 88.199997, "uS", "Conductance of the highest weight.", low=0.0, low_open=True, high=1e6),
        Param("prog_noise", 1.0, "", "Scale of the programming noise: 0 switches it off.", low=0.0, high=100.0),
        Param("relaxation", 1.0, "", "Scale of decay and growing spread: 0 switches them off.", low=0.0, high=100.0),
        Param("read_noise", 1.0, "", "Scale of the read noise: 0 switches it off.", low=0.0, high=100.0),
        Param("prog_0", 0.0112185391, "uS", "Programming noise at 0 conductance, standard deviation.", low=0.0, high=1e3, advanced=True),
        Param(
            "prog_1",
            0.01129027418,
            "",
            "Programming noise in proportion to conductance, standard deviation.",
            low=0.0,
            high=10.0,
            advanced=True,
        ),
        Param("decay", -0.08900206, "uS", "Mean change of conductance for each unit of ln(t / 1 s).", low=-1e3, high=1e3, advanced=True),
        Param(
            "spread_0",
            0.41183342,
            "uS",
            "Spread of the relaxed conductance after t_second, standard deviation.",
            low=0.0,
            high=1e3,
            advanced=True,
        ),
        Param("spread_1", 0.04201137, "uS", "Growth of that spread for each unit of ln(t / t_second).", low=-1e3, high=1e3, advanced=True),
        Param(
            "t_second",
            1.0,
            "s",
            "Time after programming at which the relaxed spread is spread_0.",
            low=0.0,
            low_open=True,
            high=1e6,
            advanced=True,
        ),
        Param(
            "read_k",
            0.0277316483,
            "uS",
            "Read noise for each decade of conductance (in uS) and root of ln(time/t_read).",
            low=0.0,
            high=1e3,
            advanced=True,
        ),
        Param("t_read", 1e-6, "s", "Duration of a read.", low=0.0, low_open=True, high=1.0, advanced=True),
        Param("one", 1.0, "uS", "The unit in which the logarithm of a conductance is meant.", low=1.0, high=1.0, advanced=True),
        *STORAGE,
    ),
    presets=(
        Preset("accept_2_percent", "Acceptance range 2 %", f"{FALCONE}.", {"prog_0": 0.0112185391, "prog_1": 0.01129027418}),
        Preset("accept_02_percent", "Acceptance range 0.2 %", f"{FALCONE}.", {"prog_0": 0.00081107, "prog_1": 0.00106879}),
    ),
    states=(State("luck", "normal()", "", "This device's place in the spread of relaxation, in standard deviations."),),
    program=f"wanted = w\n{PROGRAMMED}\nw = stored",
    write=f"wanted = w + dw\n{PROGRAMMED}\nw = stored if dw != 0 else w",
    read=(
        f"w_min + (w_max - w_min)*(min(g_max, max(g_min, {DRIFTED} + read_noise*read_k*log(max(1e-3, {DRIFTED}/one))/log(10)"
        f"*sqrt(max(0, log((age + t_read)/(2*t_read))))*normal())) - g_min)/(g_max - g_min)"
    ),
)
