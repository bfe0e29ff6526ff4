"""Rules about evaluation, model selection and metrics in PyTorch."""
