"""The wiring: which node follows which, and when."""
