"""Rows in, samples out: a method says what is asked of the model, and `methods/` has one file for each."""
