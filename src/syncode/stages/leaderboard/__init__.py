"""Verdicts in, tables out: scores with intervals that count questions and not games, and say what is missing."""
