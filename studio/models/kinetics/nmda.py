"""An NMDA receptor: a slow conductance that magnesium blocks at rest."""

from studio.models.spec import Kinetics, Param, Preset, State

MODEL = Kinetics(
    key="nmda",
    title="NMDA conductance with magnesium block",
    family="Conductances",
    doc="A slow conductance, closed by magnesium at rest and opened by depolarisation: it counts spikes that come while the target is already excited.",
    source="Jahr CE, Stevens CF (1990) Voltage dependence of NMDA-activated macroscopic conductances predicted by single-channel kinetics. doi:10.1523/JNEUROSCI.10-09-03178.1990 (block); Destexhe A, Mainen ZF, Sejnowski TJ (1994) doi:10.1007/BF00961734 (time course).",
    limits="The block follows the voltage at once. No saturation at high rates, no calcium. The weight is the conductance at its peak without magnesium.",
    params=(
        Param("tau_rise", 2.0, "ms", "Time constant of the rise.", low=0.0, low_open=True, role="time_constant"),
        Param("tau", 100.0, "ms", "Time constant of the decay.", low=0.0, low_open=True, role="time_constant"),
        Param("e_rev", 0.0, "mV", "Reversal potential.", low=-1000.0, high=1000.0, role="reversal"),
        Param("mg", 1.0, "", "Magnesium outside the cell, in mM; 0 takes the block away.", low=0.0, high=1000.0),
        Param("mg_half", 3.57, "", "Magnesium that halves the current at 0 mV, in mM.", low=0.0, low_open=True, high=1e6, advanced=True),
        Param("slope", 0.062, "1/mV", "How steeply depolarisation lifts the block.", low=0.0, high=1.0, advanced=True),
    ),
    presets=(
        Preset(
            "wang",
            "Wang (2002)",
            "Wang XJ (2002) Probabilistic decision making by slow reverberation in cortical circuits. doi:10.1016/S0896-6273(02)01092-9: rise 2 ms, decay 100 ms, 1 mM magnesium; without the paper's saturation.",
            {"tau_rise": 2.0, "tau": 100.0, "mg": 1.0},
        ),
        Preset(
            "free",
            "Without magnesium",
            "As in experiments in magnesium-free solution: Jahr CE, Stevens CF (1990) doi:10.1523/JNEUROSCI.10-09-03178.1990.",
            {"mg": 0.0},
        ),
    ),
    states=(
        State("rise", "0", "uS/ms", "What still flows into the conductance."),
        State("g", "0", "uS", "Conductance as it would be without magnesium.", role="conductance"),
    ),
    derived="""
q = tau/tau_rise
near = abs(q - 1) < 0.0001
lag = 1 + (q - 1)/2 - (q - 1)**2/6 if near else q*log(q)/(q - 1)
peak = exp(lag)/tau
""",
    equations="drise/dt = -rise/tau_rise\ndg/dt = rise - g/tau",
    jump="rise += w*peak",
    current="g*(e_rev - v)/(1 + mg/mg_half*exp(-slope*v))",
    weight_unit="uS",
    sign="nonnegative",
)
