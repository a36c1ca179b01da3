"""What thinks and what draws: MLLM and generator protocols and their adapters."""
