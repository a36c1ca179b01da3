"""How the weights of the embedded generator are made. Not in the wheel."""
