"""Rules about symbols that newer releases deprecate or remove."""
