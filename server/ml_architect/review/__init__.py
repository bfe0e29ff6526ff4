"""The review of a file or a project: what its code does in each stage of the work, what is missing, what to ask."""
