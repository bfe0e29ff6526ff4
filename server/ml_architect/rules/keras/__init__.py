"""Rules about Keras models, compilation and callbacks."""
