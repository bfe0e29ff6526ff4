"""Rules about seeds and sources of randomness."""
