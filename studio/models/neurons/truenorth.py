"""TrueNorth's neuron, in its integers."""

from studio.models.spec import Neuron, Param, Preset, State

MODEL = Neuron(
    key="truenorth",
    title="TrueNorth neuron (integers)",
    family="Chips",
    doc="The digital neuron of TrueNorth: it adds up, leaks, fires, and is reset in one of several ways, all in integers.",
    source="Cassidy AS et al. (2013) Cognitive computing building block: a versatile and efficient digital neuron model for neurosynaptic cores. doi:10.1109/IJCNN.2013.6707077; its deterministic modes agree bit for bit with the RANC simulator (tests/golden/truenorth).",
    limits="The stochastic synapse is not modelled; stochastic leak and threshold draw from the studio's generator, as the chip's own is not published, and so agree in distribution only. A step is one tick whatever dt is. Drive it by pulse kinetics with whole weights: the chip's four axon types become weights. The synapses of a tick are added up before the leak.",
    params=(
        Param("leak", 0, "", "Added in every tick.", low=-256, high=255, integer=True, role="leak"),
        Param("leak_reversal", 0, "", "1: the leak points away from 0, or towards it if negative.", low=0, high=1, integer=True),
        Param("leak_stochastic", 0, "", "1: a leak of 1 with chance (|leak| + 1)/256 in place of the leak.", low=0, high=1, integer=True),
        Param(
            "alpha", 100, "", "Threshold: the neuron fires at this potential or above.", low=0, high=262143, integer=True, role="threshold"
        ),
        Param(
            "threshold_bits",
            0,
            "",
            "The threshold is raised by a random number of so many bits in each tick.",
            low=0,
            high=18,
            integer=True,
            role="noise",
        ),
        Param("beta", 0, "", "Size of the negative threshold.", low=0, high=524287, integer=True, role="threshold"),
        Param(
            "floor_mode",
            0,
            "",
            "What happens below it: 0 a reset as at a spike, mirrored; 1 the potential stays at -beta.",
            low=0,
            high=1,
            integer=True,
        ),
        Param("floor_at", 0, "", "1: a potential of exactly -beta counts as below.", low=0, high=1, integer=True, advanced=True),
        Param(
            "reset_mode",
            0,
            "",
            "After a spike: 0 v_reset; 1 the threshold is subtracted; 2 nothing.",
            low=0,
            high=2,
            integer=True,
            role="reset",
        ),
        Param("v_reset", 0, "", "Potential after a spike in mode 0.", low=-524288, high=524287, integer=True, role="reset"),
        Param("v_start", 0, "", "Potential at the start.", low=-524288, high=524287, integer=True, advanced=True),
        Param(
            "v_limit",
            524287,
            "",
            "The potential saturates at this size (20 bits on the chip).",
            low=1,
            high=2147483647,
            integer=True,
            advanced=True,
        ),
    ),
    presets=(
        Preset(
            "absolute",
            "Reset to a value",
            "Cassidy AS et al. (2013) doi:10.1109/IJCNN.2013.6707077, gamma = 0.",
            {"reset_mode": 0, "floor_mode": 0},
        ),
        Preset(
            "linear",
            "Linear reset",
            "Cassidy AS et al. (2013) doi:10.1109/IJCNN.2013.6707077, gamma = 1: rates are exact, nothing is lost at a spike.",
            {"reset_mode": 1, "floor_mode": 0},
        ),
        Preset(
            "saturating",
            "Linear reset with a floor",
            "Cassidy AS et al. (2013) doi:10.1109/IJCNN.2013.6707077, gamma = 1, kappa = 1.",
            {"reset_mode": 1, "floor_mode": 1},
        ),
    ),
    states=(
        State("v", "v_start", "", "Membrane potential.", role="membrane"),
        State("eta", "0", "", "How far the threshold is raised in this tick.", role="noise"),
    ),
    derived="noise_steps = 2.0**threshold_bits",
    step="""
v += i
rho = floor(256*uniform())
size = (1 if abs(leak) >= rho else 0)*sign(leak) if leak_stochastic > 0 else leak
v += size*(sign(v) if leak_reversal > 0 else 1)
v = max(-v_limit, min(v_limit, v))
eta = floor(noise_steps*uniform())
bottom = beta if floor_mode > 0 else beta + eta
below = v < -bottom or (v == -bottom and floor_at > 0)
mirrored = -v_reset if reset_mode < 1 else (v + bottom if reset_mode < 2 else v)
fires = v >= alpha + eta
v = v if fires or not below else (-beta if floor_mode > 0 else mirrored)
""",
    threshold="v >= alpha + eta",
    reset="v = v_reset if reset_mode < 1 else (v - alpha - eta if reset_mode < 2 else v)",
    method="step",
    methods=("step",),
    whole=True,
)
