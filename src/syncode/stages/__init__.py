"""What each command does to rows: pure functions that never open a file, print or exit."""
