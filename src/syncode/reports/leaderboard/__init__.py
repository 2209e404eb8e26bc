"""The leaderboard as one HTML file that works offline: what stands in it, and the style and script beside it."""
