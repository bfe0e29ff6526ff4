"""Rules about PyTorch optimizers and learning-rate schedulers."""
