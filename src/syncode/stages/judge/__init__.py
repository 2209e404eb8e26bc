"""Answers in, verdicts out: which games are played, what the judge is shown, and how its reply is read."""
