"""Rules about Hugging Face transformers."""
