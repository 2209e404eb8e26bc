"""The labelling page as one HTML file that works offline, with its style and script beside it."""
