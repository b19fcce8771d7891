"""Filamentary RRAM, programmed and verified: a spread about the target that depends on conductance and grows with time."""

import math

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

WAN = "Wan W et al. (2022) A compute-in-memory chip based on resistive random-access memory. doi:10.1038/s41586-022-04992-8"
LOG_DAY = math.log(86400.0)


def _polynomial(name: str, x: str) -> str:
    return f"({name}_0 + {x}*({name}_1 + {x}*({name}_2 + {x}*({name}_3 + {x}*{name}_4))))"


def _row(name: str, when: str, values: tuple[float, ...]) -> tuple[Param, ...]:
    doc = "Standard deviation about the target {}: the coefficient of x**{}, x being the target's place in the range of conductances."
    return tuple(Param(f"{name}_{k}", v, "uS", doc.format(when, k), low=-1e4, high=1e4, advanced=True) for k, v in enumerate(values))


def _values(first: tuple[float, ...], later: tuple[float, ...], g_min: float, g_max: float) -> dict[str, float | str]:
    rows = {f"prog_{k}": c for k, c in enumerate(first)} | {f"day_{k}": c for k, c in enumerate(later)}
    return {**rows, "g_min": g_min, "g_max": g_max}


SECOND, LATER = (0.348, 16.03, -43.853, 45.393, -16.815), (0.701, 22.086, -50.773, 47.095, -16.458)
MILO = (4.3266500, -1.593725, 0.0, 0.0, 0.0)  # -0.009107 G + 4.782 uS with G = 50 + 175 x
PROGRAMMED = f"""
at = min(1, max(0, (target - w_min)/(w_max - w_min)))
luck = normal()
second = max(0, {_polynomial("prog", "at")})/(g_max - g_min)
day = max(0, {_polynomial("day", "at")})/(g_max - g_min)
first = target + (w_max - w_min)*prog_noise*second*luck
more = (w_max - w_min)*relaxation*(day - second)*luck
"""

MODEL = Device(
    key="rram",
    title="RRAM",
    doc="Filamentary resistive memory: a programmed conductance lies about its target, and the spread grows within a day.",
    family="RRAM",
    source=f"{WAN}; aihwkit's ReRamWan2022NoiseModel. One quantile is drawn for each programming and kept while the spread grows.",
    limits=(
        "The spread is that of 1 s after programming, of one day, and between them in proportion to the logarithm of time; after a day it stays. "
        "A change asked for programs the device anew. No telegraph noise, no relation of current and voltage, no wires, no faults."
    ),
    params=(
        *p.bounds(),
        Param("g_min", 0.0, "uS", "Conductance of the lowest weight.", low=0.0, high=1e6),
        Param("g_max", 40.0, "uS", "Conductance of the highest weight.", low=0.0, low_open=True, high=1e6),
        Param("prog_noise", 1.0, "", "Scale of the spread about the target: 0 switches it off.", low=0.0, high=100.0),
        Param("relaxation", 1.0, "", "Scale of the spread's growth: 0 switches it off.", low=0.0, high=100.0),
        Param(
            "t_first",
            1.0,
            "s",
            "Time after programming at which prog_0 to prog_4 hold; day_0 to day_4 hold 86,400 times later.",
            low=0.0,
            low_open=True,
            high=1e6,
            advanced=True,
        ),
        Param("read_noise", 0.0, "", "Standard deviation of one read, as a fraction of the range.", low=0.0, high=10.0),
        *_row("prog", "1 s after programming", SECOND),
        *_row("day", "a day after programming", LATER),
        *STORAGE,
    ),
    presets=(
        Preset("wan_2022", "HfOx, NeuRRAM chip (Wan 2022)", f"{WAN}; fitted in aihwkit.", _values(SECOND, LATER, 0.0, 40.0)),
        Preset(
            "milo_2021",
            "HfO2, 50 to 225 uS (Milo 2021)",
            "Milo V et al. (2021) Accurate program/verify schemes of resistive switching memory (RRAM) for in-memory neural network circuits. doi:10.1109/TED.2021.3089995; as fitted in CrossSim; no growth with time is given.",
            _values(MILO, MILO, 50.0, 225.0),
        ),
    ),
    states=(
        State("near", "w", "", "What this programming came to after 1 s, before it is cut off at the lowest weight.", "weight_near"),
        State("growth", "0", "", "How much further it is away after a day.", "weight_growth"),
    ),
    program=f"target = min(w_max, max(w_min, w))\n{PROGRAMMED}\nnear = first\ngrowth = more\nw = max(w_min, near)",
    write=(
        f"target = min(w_max, max(w_min, w + dw))\n{PROGRAMMED}\n"
        "near = first if dw != 0 else near\ngrowth = more if dw != 0 else growth\nw = max(w_min, near) if dw != 0 else w"
    ),
    read=f"max(w_min, near + growth*min(1, log(max(1, age/t_first))/{LOG_DAY!r}) + (w_max - w_min)*read_noise*normal())",
)
