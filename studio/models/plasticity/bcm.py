"""The rule of Bienenstock, Cooper and Munro for spikes, by triplets with a sliding threshold."""

from studio.models.spec import Param, Plasticity, Trace

MODEL = Plasticity(
    key="bcm",
    title="BCM with sliding threshold",
    family="Homeostasis",
    doc="Active inputs grow where the target fires faster than a threshold and shrink where it fires slower; the threshold slides with the target's own mean rate, so that neurons become selective.",
    source="Bienenstock EL, Cooper LN, Munro PW (1982) doi:10.1523/JNEUROSCI.02-01-00032.1982; for spikes by the minimal triplet rule whose depression follows a power of the mean rate: Pfister JP, Gerstner W (2006) doi:10.1523/JNEUROSCI.1425-06.2006, Gjorgjieva J et al. (2011) doi:10.1073/pnas.1105933108.",
    limits="Depression is chosen so that independent Poisson spikes neither grow nor shrink at target_rate; spike correlations shift that point. tau_mean must be long against the time constants of the traces and short against learning, else the threshold oscillates. Hard bounds. A weight keeps the sign of w_max.",
    params=(
        Param(
            "w_max",
            1.0,
            "",
            "Largest weight, in the unit of the projection's weight; negative where the synapse inhibits.",
            low=-1e6,
            high=1e6,
            role="weight_max",
        ),
        Param("learning_rate", 6.5e-3, "", "Potentiation by a triplet, relative to w_max (A3+).", low=0.0, role="learning_rate"),
        Param(
            "target_rate",
            0.01,
            "kHz",
            "Rate at which the sliding threshold meets the rate itself; 0.01 kHz are 10 Hz.",
            low=0.0,
            low_open=True,
            high=1.0,
            role="rate",
        ),
        Param("power", 2.0, "", "How steeply the threshold follows the mean rate; above 1 learning is stable.", low=0.0, high=10.0),
        Param(
            "tau_plus",
            16.8,
            "ms",
            "Time constant of the trace of arrivals that potentiation reads.",
            low=0.0,
            low_open=True,
            role="time_constant",
        ),
        Param(
            "tau_minus",
            33.7,
            "ms",
            "Time constant of the trace of the target that depression reads.",
            low=0.0,
            low_open=True,
            role="time_constant",
        ),
        Param(
            "tau_y",
            114.0,
            "ms",
            "Time constant of the slow trace of the target that potentiation reads.",
            low=0.0,
            low_open=True,
            role="time_constant",
        ),
        Param("tau_mean", 5000.0, "ms", "Time constant of the mean rate.", low=0.0, low_open=True, role="time_constant"),
    ),
    traces=(
        Trace("r1", "tau_plus", "pre", "Arrivals."),
        Trace("o1", "tau_minus", "post", "Spikes of the target, fast."),
        Trace("o2", "tau_y", "post", "Spikes of the target, slow."),
        Trace("o_mean", "tau_mean", "post", "Spikes of the target, for the mean rate."),
    ),
    on_post="w = w_max*min(1, w/w_max + learning_rate*r1*o2)",
    on_pre="""
mean = o_mean/tau_mean/target_rate
depression = learning_rate*target_rate*tau_y*tau_plus/tau_minus*mean**power
w = w_max*max(0, w/w_max - depression*o1)
""",
)
