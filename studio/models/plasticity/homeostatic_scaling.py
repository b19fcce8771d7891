"""All weights onto a neuron grow or shrink by the same factor until it fires at its target rate."""

from studio.models.spec import Param, Plasticity, Trace

MODEL = Plasticity(
    key="homeostatic_scaling",
    title="Homeostatic scaling",
    family="Homeostasis",
    doc="A neuron that fires too rarely strengthens all its synapses by the same factor, one that fires too often weakens them; their ratios stay.",
    source="Turrigiano GG et al. (1998) doi:10.1038/36103; in the form dw/dt = w (target - rate)/(target tau_scaling) of van Rossum MCW, Bi GQ, Turrigiano GG (2000) doi:10.1523/JNEUROSCI.20-23-08812.2000, without its integral term.",
    limits="The rate is an exponential mean of the target's own spikes. Changes come at intervals, by the Euler method. No spike timing: combine by giving the same pair of populations a second projection, or write a rule of your own. A weight of zero stays zero; the bound w_max breaks the ratios.",
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
        Param("target_rate", 0.005, "kHz", "Rate that is held; 0.005 kHz are 5 Hz.", low=0.0, low_open=True, high=1.0, role="rate"),
        Param("tau_rate", 1000.0, "ms", "Time over which the rate is measured.", low=0.0, low_open=True, role="time_constant"),
        Param(
            "tau_scaling",
            20000.0,
            "ms",
            "Time in which a silent neuron's weights grow by a factor of e.",
            low=0.0,
            low_open=True,
            role="time_constant",
        ),
        Param("interval", 100.0, "ms", "Time between two changes.", low=0.0, low_open=True),
    ),
    traces=(Trace("activity", "tau_rate", "post", "Spikes of the target."),),
    every="""
rate = activity/tau_rate
w = w_max*min(1, max(0, w/w_max*(1 + interval/tau_scaling*(1 - rate/target_rate))))
""",
    interval="interval",
)
