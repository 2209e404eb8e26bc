"""Runs the programs in rows and says what happened: map stage, program extraction, oracles, gates for tests."""
