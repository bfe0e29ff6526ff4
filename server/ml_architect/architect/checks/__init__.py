"""The ladder: what a reply may change, and whether it changes that and nothing else."""
