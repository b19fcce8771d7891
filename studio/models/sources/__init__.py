"""Sources, one file each: what drives a network from outside."""
