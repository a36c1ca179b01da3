"""Texts to vectors, for the experience collection."""
