"""Runs programs for clients over HTTP: rewards for trainers, with the same sandbox, cache and rules as `syncode execute`."""
