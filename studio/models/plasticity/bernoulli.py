"""Synapses that fail."""

from studio.models.spec import Param, Plasticity

MODEL = Plasticity(
    key="bernoulli",
    title="Unreliable release",
    family="Short-term",
    doc="Each spike crosses each synapse with a fixed probability, independently of all others.",
    source="Lefort S et al. (2009) The excitatory neuronal network of the C2 barrel column in mouse primary somatosensory cortex. doi:10.1016/j.neuron.2008.12.020 (failure rates); NEST bernoulli_synapse.",
    limits="One release site, all or nothing; no variation of its size, no depression. Does not learn: the stored weight never changes.",
    params=(Param("p_transmit", 0.5, "", "Probability that a spike arrives.", low=0.0, high=1.0),),
    transmit="w if uniform() < p_transmit else 0",
)
