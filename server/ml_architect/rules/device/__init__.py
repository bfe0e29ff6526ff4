"""Rules about devices and tensors that are moved between them."""
