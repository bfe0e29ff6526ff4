"""Repairs and explanations by a model, of which nothing is shown that our own checks have not let through."""
