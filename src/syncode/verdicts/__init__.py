"""Labels, protocols, games and units: what a verdict is and what it counts."""
