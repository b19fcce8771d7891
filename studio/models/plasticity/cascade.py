"""Binary synapses whose memories become harder to change the longer they are confirmed."""

from studio.models.spec import Param, Plasticity, State, Trace

MODEL = Plasticity(
    key="cascade",
    title="Cascade of metaplastic states",
    family="Spike timing",
    doc="A synapse is weak or strong, and of either at one of several depths: confirmed states sink deeper with a chance that halves with depth, and deep ones rarely switch, so that memories fade as a power of time.",
    source="Fusi S, Drew PJ, Abbott LF (2005) Cascade models of synaptically stored memories. doi:10.1016/j.neuron.2005.02.001, with its chances: to switch from depth k x^(k-1), or x^(n-1)/(1-x) at the last depth n, and to sink x^k/(1-x), x = 1/2 there.",
    limits="Candidates for a change are made from spike pairs here: a spike of the target after an arrival potentiates with probability p_plus times its trace, an arrival after a spike depresses with p_minus times its. The paper leaves open what makes them. Two values only.",
    params=(
        Param("w_low", 0.0, "", "Weak weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_min"),
        Param("w_high", 1.0, "", "Strong weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_max"),
        Param(
            "p_plus", 0.5, "", "Probability of a potentiating event at a full trace of arrivals.", low=0.0, high=1.0, role="learning_rate"
        ),
        Param(
            "p_minus", 0.5, "", "Probability of a depressing event at a full trace of the target.", low=0.0, high=1.0, role="learning_rate"
        ),
        Param("depths", 5, "", "How many depths there are.", low=1, high=50, integer=True),
        Param(
            "ratio",
            0.5,
            "",
            "By how much the chance of a change shrinks with each depth (x in the paper).",
            low=0.0,
            low_open=True,
            high=0.5,
        ),
        Param("tau_plus", 20.0, "ms", "Time constant of the window that potentiates.", low=0.0, low_open=True, role="time_constant"),
        Param("tau_minus", 20.0, "ms", "Time constant of the window that depresses.", low=0.0, low_open=True, role="time_constant"),
    ),
    traces=(
        Trace("k_plus", "tau_plus", "pre", "The last arrival.", nearest=True),
        Trace("k_minus", "tau_minus", "post", "The last spike of the target.", nearest=True),
    ),
    states=(State("depth", "1", "", "How deep the synapse is in its present value, from 1."),),
    on_post="""
event = uniform() < p_plus*k_plus
chance = uniform()
last = depth >= depths
strong = abs(w - w_high) < abs(w - w_low)
switch = event and not strong and chance < ratio**(depth - 1)/(1 - ratio if last else 1)
sink = event and strong and not last and chance < ratio**depth/(1 - ratio)
depth = 1 if switch else (depth + 1 if sink else depth)
w = w_high if switch or strong else w_low
""",
    on_pre="""
event = uniform() < p_minus*k_minus
chance = uniform()
last = depth >= depths
strong = abs(w - w_high) < abs(w - w_low)
switch = event and strong and chance < ratio**(depth - 1)/(1 - ratio if last else 1)
sink = event and not strong and not last and chance < ratio**depth/(1 - ratio)
depth = 1 if switch else (depth + 1 if sink else depth)
w = w_low if switch or not strong else w_high
""",
)
