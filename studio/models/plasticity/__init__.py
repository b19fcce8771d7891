"""Plasticity rules, one file each: how a weight learns."""
