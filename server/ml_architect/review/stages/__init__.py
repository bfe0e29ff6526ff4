"""One file, one stage: what the code of one document does there, from facts alone."""
