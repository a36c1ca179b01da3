"""The exam of the roles: what a multimodal model can do in each of them, scored by code alone."""
