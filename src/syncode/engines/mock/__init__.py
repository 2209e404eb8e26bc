"""The mock model: deterministic answers and scripted faults, in this process or over HTTP."""
