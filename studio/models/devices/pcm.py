"""Phase-change memory, programmed iteratively: programming noise, drift, read noise."""

from studio.models.devices import pulses as p
from studio.models.devices.storage import STORAGE
from studio.models.spec import Device, Param, Preset, State

NANDAKUMAR = (
    "Nandakumar SR et al. (2019) Phase-change memory models for deep learning training and inference. doi:10.1109/ICECS46596.2019.8964852"
)
HERMES = "Le Gallo M et al. (2023) A 64-core mixed-signal in-memory compute chip based on phase-change memory for deep neural network inference. doi:10.1038/s41928-023-01010-1; aihwkit's HermesNoiseModel"
LAWS = ("nandakumar_2019", "hermes_single", "hermes_double")
MEAN = {  # of the drift exponent, at x, the target as a fraction of g_max
    "nandakumar_2019": "min(0.1, max(0.049, -0.0155*log(x_log) + 0.0244))",
    "hermes": "(min(0.13, max(0.072, -0.0387*log(x_log) - 0.0182)) if x < 0.0945 else 0.0736 - 0.0126*x - 0.0436*x**2)",
}
SPREAD = {
    "nandakumar_2019": "min(0.045, max(0.008, -0.0125*log(x_log) - 0.0059))",
    "hermes_single": "(min(0.04, max(0.0124, -0.012*log(x_log) - 0.0023)) if x < 0.3039 else 0.0104 + 0.0116*x - 0.0165*x**2)",
    "hermes_double": "(min(0.04, max(0.0091, -0.0117*log(x_log) - 0.0057)) if x < 0.3055 else 0.0073 + 0.0093*x - 0.0118*x**2)",
}
QUOTA = {  # relative read noise, at what was programmed
    "nandakumar_2019": "min(0.2, 0.0088/max(0.001, {x}**0.65))",
    "hermes_single": "(min(0.04, max(0.0179, -0.0078*log(max(1e-7, {x})) + 0.0038)) if {x} < 0.1591 else 0.0088 + {x}*(0.0768 + {x}*(0.0664*{x} - 0.1352)))",
    "hermes_double": "(min(0.04, max(0.015, -0.0117*log(max(1e-7, {x})) - 0.0069)) if {x} < 0.16 else 0.0123 + {x}*(0.0211 + {x}*(0.0069*{x} - 0.028)))",
}
WHERE = "max(0, (w - w_min)/(w_max - w_min))"


def _by_law(texts: dict[str, str]) -> str:
    """The one of the texts that `statistics` names."""
    one, two, three = (texts.get(law) or texts["hermes"] for law in LAWS)
    return f"({one} if statistics_nandakumar_2019 else {two} if statistics_hermes_single else {three})"


PROGRAMMED = f"""
x = min(1, max(0, x))
x_log = max(1e-7, x)
nu = drift*abs({_by_law(MEAN)} + {_by_law(SPREAD)}*normal())
sigma = prog_noise*(prog_0 + x*(prog_1 + x*(prog_2 + x*prog_3)))/g_max
stored = w_min + (w_max - w_min)*max(0, x + sigma*normal())
"""


def _prog(k: int, default: float) -> Param:
    power = ("at 0 conductance", "growing with x = g/g_max", "with x**2", "with x**3")[k]
    return Param(f"prog_{k}", default, "uS", f"Programming noise, standard deviation: the part {power}.", low=-1e3, high=1e3, advanced=True)


def _preset(key: str, title: str, source: str, prog: tuple[float, ...], **more: float | str) -> Preset:
    return Preset(key, title, source, {**{f"prog_{k}": c for k, c in enumerate(prog)}, **more})


MODEL = Device(
    key="pcm",
    title="PCM",
    doc="Phase-change memory: a programmed conductance misses its target, drifts down by a power of time, and is read with 1/f noise.",
    family="PCM",
    source=f"{NANDAKUMAR}; aihwkit's PCMLikeNoiseModel.",
    limits=(
        "Programming is iterative: a change asked for programs the device anew, with fresh noise and a fresh drift exponent; time and energy of that are not counted. "
        "The relation of current and voltage is linear; no temperature, no wires, no faults. Between two reads the 1/f noise is independent."
    ),
    params=(
        *p.bounds(),
        Param("g_max", 25.0, "uS", "Conductance of the highest weight; the lowest weight is 0 uS.", low=0.0, low_open=True, high=1e6),
        Param("prog_noise", 1.0, "", "Scale of the programming noise: 0 switches it off.", low=0.0, high=100.0),
        Param("drift", 1.0, "", "Scale of the drift exponent: 0 switches drift off.", low=0.0, high=100.0),
        Param("read_noise", 1.0, "", "Scale of the read noise: 0 switches it off.", low=0.0, high=100.0),
        _prog(0, 0.26348),
        _prog(1, 1.9650),
        _prog(2, -1.1731),
        _prog(3, 0.0),
        Param(
            "t_0",
            20.0,
            "s",
            "Time from the end of programming to the reference point of drift.",
            low=0.0,
            low_open=True,
            high=1e9,
            advanced=True,
        ),
        Param(
            "t_read",
            250e-9,
            "s",
            "Duration of a read: the upper end of the band of 1/f noise.",
            low=0.0,
            low_open=True,
            high=1.0,
            advanced=True,
        ),
        Param(
            "statistics",
            "nandakumar_2019",
            "",
            "Whose statistics of drift exponent and read noise: nandakumar_2019, hermes_single, or hermes_double (two devices in parallel).",
            kind="word",
            choices=LAWS,
            advanced=True,
        ),
        *STORAGE,
    ),
    presets=(
        _preset(
            "pcm_like",
            "Doped GST (Nandakumar 2019)",
            f"{NANDAKUMAR}; aihwkit's PCMLikeNoiseModel.",
            (0.26348, 1.965, -1.1731, 0.0),
            g_max=25.0,
            t_0=20.0,
            t_read=250e-9,
            statistics="nandakumar_2019",
        ),
        _preset(
            "joshi_2020",
            "Doped GST (Joshi 2020)",
            "Joshi V et al. (2020) Accurate deep neural network inference using computational phase-change memory. doi:10.1038/s41467-020-16108-9; programming noise as fitted in CrossSim, drift and read noise of Nandakumar (2019).",
            (0.28638599, 1.896431, -1.11729375, 0.0),
            g_max=25.0,
            t_0=27.36,
            t_read=250e-9,
            statistics="nandakumar_2019",
        ),
        _preset(
            "hermes_single",
            "HERMES chip, one device",
            f"{HERMES}.",
            (0.15781817, 2.32443916, -2.16310839, 0.68841818),
            g_max=10.35,
            t_0=200.0,
            t_read=512e-9,
            statistics="hermes_single",
        ),
        _preset(
            "hermes_double",
            "HERMES chip, two devices",
            f"{HERMES}; Vasilopoulos A et al. (2023), doi:10.1109/TED.2023.3321014.",
            (0.16603222, 4.71806468, -8.48101252, 4.68961419),
            g_max=20.7,
            t_0=300.0,
            t_read=512e-9,
            statistics="hermes_double",
        ),
    ),
    states=(State("nu", "0", "", "This device's drift exponent since it was last programmed."),),
    program=f"x = (w - w_min)/(w_max - w_min)\n{PROGRAMMED}\nw = stored",
    write=f"x = (w + dw - w_min)/(w_max - w_min)\nold = nu\n{PROGRAMMED}\nnu = nu if dw != 0 else old\nw = stored if dw != 0 else w",
    read=(
        f"w_min + (w_max - w_min)*max(0, {WHERE}*exp(-nu*log((age + t_0)/t_0))"
        f"*(1 + read_noise*{_by_law({k: t.format(x=WHERE) for k, t in QUOTA.items()})}*sqrt(log((age + t_0 + t_read)/(2*t_read)))*normal()))"
    ),
)
