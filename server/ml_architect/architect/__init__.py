"""The architect: asks a language model where no template can write the repair, and trusts nothing it says."""
