"""Verifier: what to ask about a round's pictures, and the node that asks it."""
