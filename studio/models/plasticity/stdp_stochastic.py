"""Binary synapses that switch by chance when spikes pair."""

from studio.models.spec import Param, Plasticity, Trace

MODEL = Plasticity(
    key="stdp_stochastic",
    title="Stochastic binary STDP",
    family="Spike timing",
    doc="A synapse is either weak or strong: a spike of the target shortly after an arrival may switch it on, an arrival shortly after a spike may switch it off, each with a probability that fades with the time between.",
    source="Senn W, Fusi S (2005) Convergence of stochastic learning in perceptrons with binary synapses. doi:10.1103/PhysRevE.71.061907; for binary memory devices Suri M et al. (2013) Bio-inspired stochastic computing using binary CBRAM synapses. doi:10.1109/TED.2013.2263000.",
    limits="Two values only, no intermediate state, no memory of near misses. The newest spikes add up in the traces; a probability above one counts as one. The whole delay is dendritic.",
    params=(
        Param("w_low", 0.0, "", "Weak weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_min"),
        Param("w_high", 1.0, "", "Strong weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_max"),
        Param("p_plus", 0.05, "", "Probability of switching on at a full trace of arrivals.", low=0.0, high=1.0, role="learning_rate"),
        Param("p_minus", 0.05, "", "Probability of switching off at a full trace of the target.", low=0.0, high=1.0, role="learning_rate"),
        Param("tau_plus", 20.0, "ms", "Time constant of the window that switches on.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 20.0, "ms", "Time constant of the window that switches off.", low=0.0, low_open=True, role="time_constant"),
    ),
    traces=(
        Trace("k_plus", "tau_plus", "pre", "Arrivals of the presynaptic neuron."),
        Trace("k_minus", "tau_minus", "post", "Spikes of the target."),
    ),
    on_post="w = w_high if uniform() < p_plus*k_plus else w",
    on_pre="w = w_low if uniform() < p_minus*k_minus else w",
)
