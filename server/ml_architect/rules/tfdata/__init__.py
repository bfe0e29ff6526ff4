"""Rules about tf.data pipelines and traced functions."""
