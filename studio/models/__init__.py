"""Models: the language, the catalogue, and one file for each neuron, kinetics, plasticity rule, device, source and connector."""
