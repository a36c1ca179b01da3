"""What GEMS remembers: facts (graph state, checkpoints), pictures and experiences."""
