"""Rules about PyTorch training loops, autograd and gradient scaling."""
