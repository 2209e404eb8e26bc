"""Raw material: from folders, archives and dumps to (origin, bytes)."""
