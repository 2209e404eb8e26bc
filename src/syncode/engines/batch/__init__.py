"""The Batch API in place of single calls, and the book that remembers what was submitted."""
