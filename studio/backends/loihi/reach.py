"""Which models Loihi takes, and what is lost of each."""

from __future__ import annotations

from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity, Source

NEURONS = {
    "loihi": "",
    "lif": "Whole numbers: decays in 4096ths, weights of 8 bits, currents and voltages of 24.",
    "lif_euler": "Whole numbers: decays in 4096ths, weights of 8 bits, currents and voltages of 24.",
    "if_euler": "Whole numbers: weights of 8 bits, voltages of 24.",
    "cubalif_euler": "Whole numbers: decays in 4096ths, weights of 8 bits, currents and voltages of 24.",
    "leaky_integrator": "Whole numbers; its threshold is the highest there is, and reaching it would reset it.",
    "li_euler": "Whole numbers; its threshold is the highest there is, and reaching it would reset it.",
}
KINETICS = {
    "delta": "Weights of 8 bits with a common exponent.",
    "pulse": "Weights of 8 bits with a common exponent.",
    "exponential": "Weights of 8 bits with a common exponent; one time constant for all receptors of a population.",
}
RULES = {
    "static": "",
    "loihi_stdp": "",
    "stdp_pair": "A sum of products: 7-bit traces, weights of 8 bits rounded at random; additive or multiplicative.",
}


def reach(model: Model) -> str | None:
    """None where the chip has nothing like a model, an empty text where it goes as it is, else what is lost."""
    if isinstance(model, Neuron):
        return NEURONS.get(model.key)
    if isinstance(model, Kinetics):
        return KINETICS.get(model.key)
    if isinstance(model, Plasticity):
        return RULES.get(model.key)
    if isinstance(model, Device):
        return "" if model.key == "ideal" else None
    if isinstance(model, Source) and model.signal == "analog":
        return "The host writes biases whenever the current changes."
    return "" if isinstance(model, (Connector, Source)) else None
