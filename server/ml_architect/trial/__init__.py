"""Measures how good a model is at repairing training code: bundled cases, oracles of their own, scores, baselines."""
