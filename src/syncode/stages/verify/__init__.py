"""A published table in, what cannot be true of it out."""
