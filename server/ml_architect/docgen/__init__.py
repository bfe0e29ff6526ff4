"""Pages that are written from the rules, so that they cannot say anything else than the code."""
