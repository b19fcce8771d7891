"""Inhibitory plasticity that holds a target rate."""

from studio.models.spec import Param, Plasticity, Preset, Trace

MODEL = Plasticity(
    key="istdp_vogels",
    title="Inhibitory STDP (Vogels)",
    family="Homeostasis",
    doc="An inhibitory weight grows with every near-coincident pair and shrinks a little at every arrival, until the target fires at its target rate.",
    source="Vogels TP et al. (2011) Inhibitory plasticity balances excitation and inhibition in sensory pathways and memory networks. doi:10.1126/science.1211095; NEST vogels_sprekeler_synapse with eta relative to w_max and alpha = 2 target_rate tau.",
    limits="The window is symmetric and exponential, every pair counts. The target rate is met on average where inhibition is strong enough to reach it and its spikes are not locked to the target's. The whole delay is dendritic. A weight keeps the sign of w_max.",
    params=(
        Param(
            "w_max",
            -1.0,
            "",
            "Strongest weight, in the unit of the projection's weight: negative for currents and voltage jumps, positive for conductances.",
            low=-1e6,
            high=1e6,
            role="weight_max",
        ),
        Param("learning_rate", 0.001, "", "Change by one pair at full trace, relative to w_max (eta).", low=0.0, role="learning_rate"),
        Param("target_rate", 0.005, "kHz", "Rate at which growth and decay balance; 0.005 kHz are 5 Hz.", low=0.0, high=1.0, role="rate"),
        Param("tau", 20.0, "ms", "Time constant of both traces.", low=0.0, low_open=True, role="time_constant"),
    ),
    presets=(
        Preset(
            "vogels_2011",
            "Vogels 2011, network of 10,000 cells",
            "Vogels TP et al. (2011) doi:10.1126/science.1211095, as in the authors' published script: eta 0.01 nS on conductances up to 100 nS (w_max 0.1 uS), target 3 Hz.",
            {"learning_rate": 1e-4, "target_rate": 0.003, "tau": 20.0},
        ),
    ),
    traces=(
        Trace("x_pre", "tau", "pre", "Arrivals of the inhibitory neuron."),
        Trace("x_post", "tau", "post", "Spikes of the target."),
    ),
    on_pre="w = w_max*min(1, max(0, w/w_max + learning_rate*(x_post - 2*target_rate*tau)))",
    on_post="w = w_max*min(1, w/w_max + learning_rate*x_pre)",
)
