"""What draws: the protocol of generators, one file or folder a vendor."""
