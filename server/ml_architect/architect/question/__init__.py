"""What is asked of a model: findings, facts, signatures, values and code, within a budget and without secrets."""
