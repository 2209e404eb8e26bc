"""The records that flow between stages, and the checks at the edges."""
