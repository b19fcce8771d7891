"""A current that rises and decays with time constants of its own."""

from studio.models.spec import Kinetics, Param, State

MODEL = Kinetics(
    key="dual_exponential",
    title="Dual exponential current",
    family="Currents",
    doc="A spike starts a current that rises with one time constant, decays with another, and peaks at the weight.",
    source="Rotter S, Diesmann M (1999) doi:10.1007/s004220050570; Roth A, van Rossum MCW (2009) Modeling synapses, in Computational Modeling Methods for Neuroscientists. doi:10.7551/mitpress/9780262013277.003.0007. With equal time constants it is the alpha current.",
    limits="Does not depend on the target's voltage. Rise and decay may be exchanged without any effect.",
    params=(
        Param("tau_rise", 0.5, "ms", "Time constant of the rise.", low=0.0, low_open=True, role="time_constant"),
        Param("tau", 2.0, "ms", "Time constant of the decay.", low=0.0, low_open=True, role="time_constant"),
    ),
    states=(
        State("rise", "0", "nA/ms", "What still flows into the current."),
        State("i_syn", "0", "nA", "Synaptic current.", role="current"),
    ),
    # the peak comes t_peak = tau_rise*lag after a spike, lag = ln(q)/(1 - 1/q); near q = 1 by its series, where the formula loses digits
    derived="""
q = tau/tau_rise
near = abs(q - 1) < 0.0001
lag = 1 + (q - 1)/2 - (q - 1)**2/6 if near else q*log(q)/(q - 1)
peak = exp(lag)/tau
""",
    equations="drise/dt = -rise/tau_rise\ndi_syn/dt = rise - i_syn/tau",
    jump="rise += w*peak",
    current="i_syn",
    weight_unit="nA",
)
