"""Learning at the target's spikes alone, for memory devices; with an account that saves changes up before a device is written."""

from studio.models.spec import Param, Plasticity, State, Trace

MODEL = Plasticity(
    key="stdp_window",
    title="STDP at the target's spikes",
    family="Spike timing",
    doc="When the target fires, inputs whose last spike is recent are strengthened and all others weakened. With `patience` a synapse saves changes up, where ups and downs cancel, and writes its device seldom.",
    source="Querlioz D et al. (2013) Immunity to device variations in a spiking neural network with memristive nanodevices. doi:10.1109/TNANO.2013.2250995; "
    "the account is the accumulator of Nandakumar SR et al. (2020) Mixed-precision deep learning based on computational memory. doi:10.3389/fnins.2020.00406.",
    limits="An arrival alone changes nothing, nor does the order within the window. The account is one number beside each device; what a device did of what it was asked is not verified.",
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
        Param("gain", 0.015, "", "Part of what is missing to w_max that a recent input gains.", low=0.0, high=1.0, role="learning_rate"),
        Param("loss", 0.05, "", "Part of its weight that any other input loses.", low=0.0, high=1.0, role="learning_rate"),
        Param("window", 5.0, "ms", "How long an arrival counts as recent.", low=0.0, low_open=True, role="time_constant"),
        Param(
            "patience",
            0.0,
            "",
            "The change that a synapse saves up before it writes its device, relative to w_max; 0: it writes every change at once.",
            low=0.0,
            high=10.0,
        ),
    ),
    states=(State("owed", "0", "", "The change saved up and not yet written.", "weight_part"),),
    traces=(Trace("seen", "window", "pre", "The last arrival; it has faded to 1/e when the window ends.", nearest=True),),
    on_post="""
owed = owed + (gain*(w_max - w) if seen >= 0.3678794 else -loss*w)
due = abs(owed) >= patience*abs(w_max)
w = w + (owed if due else 0)
owed = 0 if due else owed
""",
)
