"""STDP that waits for a reward."""

from studio.models.spec import Param, Plasticity, Preset, Signal, State, Trace

MODEL = Plasticity(
    key="reward_stdp",
    title="Reward-modulated STDP",
    family="Reward",
    doc="Pairs of spikes leave an eligibility trace at the synapse; the weight changes only while dopamine is there, so that a reward seconds later still finds the right synapses.",
    source="Izhikevich EM (2007) Solving the distal reward problem through linkage of STDP and dopamine signaling. doi:10.1093/cercor/bhl152.",
    limits="The weight and the eligibility move at intervals (10 ms in the author's program), by the Euler method; between them pairs add to the eligibility without decay. One signal for the whole projection, without space or prediction error: feed it what the task calls reward. The whole delay is dendritic. A weight keeps the sign of w_max.",
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
        Param("a_plus", 0.025, "", "Eligibility gained by a pair in causal order, relative to w_max.", low=0.0, role="learning_rate"),
        Param("a_minus", 0.0375, "", "Eligibility lost by a pair in the other order, relative to w_max.", low=0.0, role="learning_rate"),
        Param("tau_plus", 20.0, "ms", "Time constant of the causal window.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 20.0, "ms", "Time constant of the other window.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_eligibility", 1000.0, "ms", "Time constant of the eligibility.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_reward", 200.0, "ms", "Time constant in which dopamine is taken up.", low=0.0, low_open=True, role="time_constant"),
        Param("tonic", 2e-4, "1/ms", "Rate at which eligibility becomes weight without any reward.", low=-1e3, high=1e3),
        Param(
            "gain",
            0.05,
            "1/ms",
            "Rate at which eligibility becomes weight at one reward; negative where the signal punishes.",
            low=-1e3,
            high=1e3,
        ),
        Param("interval", 10.0, "ms", "Time between two changes of the weight.", low=0.0, low_open=True),
    ),
    presets=(
        Preset(
            "izhikevich_2007",
            "Izhikevich 2007",
            "The author's program that comes with doi:10.1093/cercor/bhl152: steps of 0.1 and 0.15 mV on weights up to 4 mV, dopamine 0.5 a reward.",
            {
                "a_plus": 0.025,
                "a_minus": 0.0375,
                "tau_plus": 20.0,
                "tau_minus": 20.0,
                "tau_eligibility": 1000.0,
                "tau_reward": 200.0,
                "tonic": 2e-4,
                "gain": 0.05,
            },
        ),
    ),
    traces=(
        Trace("k_plus", "tau_plus", "pre", "Arrivals of the presynaptic neuron."),
        Trace("k_minus", "tau_minus", "post", "Spikes of the target."),
    ),
    signals=(Signal("reward", "tau_reward", "Dopamine: the spikes of the population or source that the document names."),),
    states=(State("eligibility", "0", "", "What pairs of spikes have left, relative to w_max."),),
    on_post="eligibility = eligibility + a_plus*k_plus",
    on_pre="eligibility = eligibility - a_minus*k_minus",
    every="""
w = w_max*min(1, max(0, w/w_max + eligibility*(tonic + gain*reward)*interval))
eligibility = eligibility*exp(-interval/tau_eligibility)
""",
    interval="interval",
)
