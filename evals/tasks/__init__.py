"""Public benchmarks as tasks: prompts, folders, questions to a judge, and figures, a file each."""
