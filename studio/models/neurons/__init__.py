"""Neurons, one file each; a row in `studio.models.catalogue` makes one choosable."""
