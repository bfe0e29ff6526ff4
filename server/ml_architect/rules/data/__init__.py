"""Rules about how PyTorch reads and batches data."""
