"""From `--model` values to servers: which one is meant, and those that syncode starts and stops itself."""
