"""Rules about saving, loading and secrets."""
