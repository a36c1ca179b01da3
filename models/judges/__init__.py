"""What judges pictures: the protocol, the router between judges, one vendor a file."""
