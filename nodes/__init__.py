"""The agent roles, one a file. Nodes do not import nodes."""
