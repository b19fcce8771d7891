"""Connectors, one file each: who is connected with whom."""
