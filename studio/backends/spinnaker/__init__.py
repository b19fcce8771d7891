"""SpiNNaker: machines of boards with 48 chips, multicast keys and routing tables."""
