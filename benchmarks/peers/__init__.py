"""What runs in the environments of the peers: a document read as plain JSON and built with the peer's own means. Prints one line of JSON."""
