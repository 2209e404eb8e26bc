"""Runs untrusted programs; see `run` and `LANGUAGES`."""
