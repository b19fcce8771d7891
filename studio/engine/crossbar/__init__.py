"""Crossbars: weights as conductances on tiles, with the effects of wires, converters and faults, each to be had by itself."""
