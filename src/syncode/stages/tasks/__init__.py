"""Questions to compare models on: our own arena of 40, and the published files of other benchmarks as Task rows."""
