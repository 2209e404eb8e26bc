"""The whole system in miniature: `pipeline.sh`, a recipe of syncode command lines that is meant to be read, and its input."""
