"""What devices written by trains of identical pulses have in common: parameters, variation, and how a wanted change becomes pulses.

Conventions are those of aihwkit (Rasch et al. 2021, doi:10.1109/AICAS51828.2021.9458494), with lengths counted in the range of the weight:
x = (w - w_min)/(w_max - w_min) is 0 at the lowest and 1 at the highest weight, and `x_ref` is where the source puts zero.

How a wanted change becomes pulses. The rule asks for `dw`; whoever drives the device knows its nominal step only, so it takes
|dw|/(dw_min*(w_max - w_min)) for the number of pulses. `pulses` says what happens to that number: "stochastic" rounds it at random so that its
mean is kept, "nearest" rounds it, "analog" keeps it (pulses of a wanted height or width). At most `most_pulses` are sent at once. The n pulses of
a train act as n times the pulse in the middle of the train, which is exact for one pulse and for steps that do not depend on the weight.
"""

from __future__ import annotations

from studio.models.devices.storage import STORAGE
from studio.models.spec import Param, State


def bounds(low: float = 0.0) -> tuple[Param, ...]:
    """`w_min` and `w_max`, the range of the weight that the device can hold."""
    return (
        Param("w_min", low, "", "Lowest weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_min"),
        Param("w_max", 1.0, "", "Highest weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_max"),
    )


def spread(name: str, doc: str, high: float = 10.0, default: float = 0.0) -> Param:
    """A standard deviation without unit."""
    return Param(name, default, "", doc, low=0.0, high=high, role="variation", advanced=True)


def reference(doc: str, inside: bool = False) -> Param:
    """`x_ref`; `inside`: neither end of the range."""
    return Param("x_ref", 0.5, "", doc, low=0.0, high=1.0, low_open=inside, high_open=inside, role="convention")


DRIVING = (
    Param(
        "pulses",
        "stochastic",
        "",
        "How a wanted number of pulses becomes a whole one: stochastic (rounded at random, right in the mean), nearest, analog (not rounded).",
        kind="word",
        choices=("stochastic", "nearest", "analog"),
    ),
    Param("most_pulses", 31.0, "", "The longest train of pulses that one update sends.", low=1.0, high=1e6, integer=True, role="driving"),
)
VARIATION = (
    spread("dw_min_dtod", "Spread of the step between devices, relative to the step."),
    Param(
        "dw_min_law",
        "normal",
        "",
        "How the step varies between devices: normal, or lognormal (then the spread is that of its logarithm).",
        kind="word",
        choices=("normal", "lognormal"),
        advanced=True,
    ),
    spread("up_down_dtod", "Spread of the asymmetry between devices, relative to the step."),
    spread("w_max_dtod", "Spread of the upper bound between devices, relative to its distance from x_ref."),
    spread("w_min_dtod", "Spread of the lower bound between devices, relative to its distance from x_ref."),
    spread("dw_min_std", "Spread of a step from pulse to pulse, relative to the step.", 1000.0),
    spread("write_noise_std", "Spread of the stored weight after each write, in nominal steps; it does not add up over writes.", 1000.0),
    Param("corrupt", 0.0, "", "Fraction of devices that are stuck for ever.", low=0.0, high=1.0, role="variation", advanced=True),
    Param(
        "corrupt_range",
        1.0,
        "",
        "Stuck devices lie within this distance from x_ref, as a fraction of the range.",
        low=0.0,
        high=1.0,
        advanced=True,
    ),
)
STATES = (
    State("x", "0", "", "Where in its range the device stands, without write noise."),
    State(
        "gain",
        "exp(dw_min_dtod*normal()) if dw_min_law_lognormal else 1 + dw_min_dtod*normal()",
        "",
        "This device's step relative to the nominal one.",
    ),
    State("tilt", "up_down_dtod*normal()", "", "By how much this device's steps up exceed, and its steps down fall short."),
    State("low", "x_ref - x_ref*abs(1 + w_min_dtod*normal())", "", "This device's lower bound, in the nominal range."),
    State("high", "x_ref + (1 - x_ref)*abs(1 + w_max_dtod*normal())", "", "This device's upper bound, in the nominal range."),
    State("fate", "uniform()", "", "Below the fraction of corrupt devices: this one is stuck."),
)
PROGRAM = """
if fate < corrupt:
    bottom = max(low, x_ref - corrupt_range)
    top = min(high, x_ref + corrupt_range)
    low = bottom + (top - bottom)*fate/corrupt
    high = low
x = min(high, max(low, (w - w_min)/(w_max - w_min)))
w = w_min + (w_max - w_min)*(x + write_noise_std*dw_min*normal())
"""
LIMITS = (
    "The device stands alone: no wires, no read noise, no drift. A train of pulses is taken at its middle pulse. "
    "Both directions share what varies between devices. Time and voltage of a pulse are in its step."
)


def step(dw_min: float) -> tuple[Param, ...]:
    """The step of one pulse and its asymmetry."""
    return (
        Param("dw_min", dw_min, "", "Step of one pulse, as a fraction of the range w_max - w_min.", low=0.0, high=1.0, low_open=True),
        Param(
            "up_down",
            0.0,
            "",
            "Asymmetry: above 0 steps down are smaller by this fraction, below 0 steps up are.",
            low=-1.0,
            high=1.0,
        ),
    )


def params(*own: Param, dw_min: float = 0.001, x_ref: Param | None = None) -> tuple[Param, ...]:
    """All parameters of a pulsed device, its own ones in the middle."""
    zero = x_ref or reference("Where in the range the source puts zero: bounds vary around it.")
    return (*bounds(), *step(dw_min), *own, zero, *DRIVING, *VARIATION, *STORAGE)


def written(response: str, spread: str = "abs(change)", lead: str = "") -> str:
    """The text of `write`: `response` is the effect of a pulse at `at` in units of this device's step, 1 where it does not depend on the weight.

    It may use `up` (the direction is up) as a test, x_ref, low, high. `spread` is what `dw_min_std` multiplies: the standard deviation of one
    pulse, from `change` (the pulse's mean effect) and `size` (this device's step). `lead` comes before all else.
    """
    first, middle = response.replace("@", "x"), response.replace("@", "at")
    return f"""{lead}
up = dw > 0
size = dw_min*(abs(min(up_down, 0) + gain + tilt) if up else abs(-max(up_down, 0) + gain - tilt))
asked = abs(dw)/((w_max - w_min)*dw_min)
n = min(most_pulses, asked if pulses_analog else floor(asked + (0.5 if pulses_nearest else uniform())))
ahead = (1 if up else -1)*size*({first})
at = min(high, max(low, x + 0.5*max(n - 1, 0)*ahead))
change = (1 if up else -1)*size*({middle})
x = min(high, max(low, x + n*change + sqrt(n)*dw_min_std*({spread})*normal()))
w = w_min + (w_max - w_min)*(x + write_noise_std*dw_min*normal()) if n > 0 else w
"""
