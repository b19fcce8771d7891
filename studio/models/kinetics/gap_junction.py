"""An electrical synapse."""

from studio.models.spec import Kinetics

MODEL = Kinetics(
    key="gap_junction",
    title="Gap junction",
    family="Electrical",
    doc="A conductance between two cells: the current follows the difference of their voltages, and no spike is needed.",
    source="Bennett MVL, Zukin RS (2004) Electrical coupling and neuronal synchronization in the mammalian brain. doi:10.1016/S0896-6273(04)00043-1.",
    limits="Acts through the source's v of the previous step, held constant over a step: of first order in dt (NEST iterates instead). One way: a junction that conducts both ways is two synapses of equal weight. No rectification, no dependence on time or voltage; a spike of a neuron that only resets has no shape that could pass.",
    current="wx - wsum*v",
    weight_unit="uS",
    sign="nonnegative",
    coupled="v",
)
