"""Rules about module definitions and the pairing of outputs with losses in PyTorch."""
