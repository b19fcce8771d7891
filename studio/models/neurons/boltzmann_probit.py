"""A binary unit made of a noisy comparator: what a device with Gaussian noise does in place of a sigmoid."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="boltzmann_probit",
    title="Noisy comparator unit",
    family="Stochastic",
    doc="On or off: when asked it compares its input, with Gaussian noise on it, against zero. Near enough to a Boltzmann unit to sample, and what a noisy device gives for nothing.",
    source="Bishop CM (2006) Pattern Recognition and Machine Learning (Springer), section 4.5.2, for the width that is nearest to the sigmoid: noise = sqrt(8/pi) = 1.596 temperatures; the unit as boltzmann.",
    limits="Its chance is the normal distribution function, not the sigmoid: what it samples differs from the Boltzmann distribution, most in rare states, however small dt/tau is. Otherwise as boltzmann.",
    params=(
        Param(
            "tau",
            10.0,
            "ms",
            "Mean time between two questions; dt/tau is the chance to be asked in a step.",
            low=0.0,
            low_open=True,
            role="time_constant",
        ),
        Param("noise", 1.596, "nA", "Standard deviation of the noise on the input.", low=0.0, low_open=True, high=1e6, role="noise"),
        Param("i_offset", 0.0, "nA", "Bias of the unit.", low=-1e6, high=1e6, role="bias"),
        Param("z_start", 0.0, "", "Value at the start: 0 or 1.", low=0.0, high=1.0, integer=True),
    ),
    states=(State("z", "z_start", "", "Value of the unit: 0 or 1.", role="activity"),),
    step="""
wanted = 1 if i + i_offset + noise*normal() > 0 else 0
z = wanted if uniform() < dt/tau else z
""",
    threshold="z > last_z",
    method="step",
    methods=("step",),
)
