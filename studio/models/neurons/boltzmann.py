"""A binary unit with a sigmoidal chance: Glauber dynamics of a Boltzmann machine."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="boltzmann",
    title="Boltzmann unit",
    family="Stochastic",
    doc="On or off: now and then it is asked, and then takes the value 1 with a sigmoidal probability of its input. Many of them sample a Boltzmann distribution.",
    source="Ackley DH, Hinton GE, Sejnowski TJ (1985) A learning algorithm for Boltzmann machines. doi:10.1207/s15516709cog0901_7; Glauber RJ (1963) Time-dependent statistics of the Ising model. doi:10.1063/1.1703954.",
    limits="In a step each unit is asked with probability dt/tau, all against the values of the step before: two coupled units that are asked in the same step err, so that the sampled distribution is wrong by an order of dt/tau (first order) and right as it becomes small. Couplings must be symmetric and without a unit's own. A spike is counted where z rises to 1.",
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
        Param("temperature", 1.0, "nA", "Input that changes the odds by e.", low=0.0, low_open=True, high=1e6, role="slope"),
        Param("i_offset", 0.0, "nA", "Bias of the unit.", low=-1e6, high=1e6, role="bias"),
        Param("z_start", 0.0, "", "Value at the start: 0 or 1.", low=0.0, high=1.0, integer=True),
    ),
    states=(State("z", "z_start", "", "Value of the unit: 0 or 1.", role="activity"),),
    step="""
wanted = 1 if uniform() < sigmoid((i + i_offset)/temperature) else 0
z = wanted if uniform() < dt/tau else z
""",
    threshold="z > last_z",
    method="step",
    methods=("step",),
)
