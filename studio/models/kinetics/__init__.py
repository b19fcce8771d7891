"""Kinetics, one file each: how an arriving spike becomes current."""
