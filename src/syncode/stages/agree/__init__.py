"""How far verdicts can be trusted: one judge with itself, judges with each other, with people and with running the code."""
