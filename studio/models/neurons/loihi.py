"""Loihi's compartment, in its integers."""

from studio.models.spec import Neuron, Param, State

MODEL = Neuron(
    key="loihi",
    title="Loihi neuron (integers)",
    family="Chips",
    doc="The current and voltage registers of a Loihi compartment, bit for bit: 24-bit integers, 12-bit decays, no rounding but the chip's own.",
    source="Davies M et al. (2018) Loihi: a neuromorphic manycore processor with on-chip learning. doi:10.1109/MM.2018.112130359; register arithmetic as lava-nc 0.10 and nengo-loihi 1.1, with which it agrees bit for bit (tests/golden/loihi).",
    limits="One compartment: no dendritic trees, no noise, no learning traces. A step is one of the chip's whatever dt is. Drive it by pulse kinetics with whole weights: mantissa (after the chip's truncation) times 2^exponent; the neuron adds the 6 bits of the chip's scale. A negative exponent with lava's rounding of the sum is not modelled. The current wraps at 24 bits as in lava; the voltage saturates.",
    params=(
        Param("du", 1024, "", "Decay of the current, in 4096ths; the chip adds 1.", low=0, high=4095, integer=True, role="decay"),
        Param("dv", 256, "", "Decay of the voltage, in 4096ths.", low=0, high=4096, integer=True, role="decay"),
        Param(
            "vth", 100, "", "Threshold mantissa; the neuron fires above 64 times this.", low=0, high=131071, integer=True, role="threshold"
        ),
        Param("bias_mant", 0, "", "Bias mantissa.", low=-4096, high=4095, integer=True, role="bias"),
        Param(
            "bias_exp",
            6,
            "",
            "Bias exponent: the bias is the mantissa times 2 to this power, rounded down.",
            low=-24,
            high=24,
            integer=True,
            role="bias",
        ),
        Param(
            "refractory", 1, "", "Steps from a spike to the next step in which the voltage moves; 1 is none.", low=1, high=63, integer=True
        ),
    ),
    states=(
        State("u", "0", "", "Current register.", role="current"),
        State("v", "0", "", "Voltage register.", role="membrane"),
        State("left", "0", "", "Steps for which the voltage is still held."),
    ),
    derived="bias = floor(bias_mant*2.0**bias_exp)",
    step="""
ku = u*(4095 - du)
u = sign(ku)*floor(abs(ku)/4096) + 64*i
u = u - 16777216 if u > 8388608 else (u + 16777216 if u <= -8388608 else u)
kv = v*(4096 - dv)
left = max(left - 1, 0)
v = 0 if left > 0 else max(-8388607, min(8388607, sign(kv)*floor(abs(kv)/4096) + u + bias))
""",
    threshold="v > 64*vth",
    reset="v = 0; left = refractory",
    method="step",
    methods=("step",),
    whole=True,
)
