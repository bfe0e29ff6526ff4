"""Rules about scikit-learn and pandas: leakage, splits and pipelines."""
