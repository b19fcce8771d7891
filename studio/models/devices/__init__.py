"""Devices, one file each: what stores a weight."""
