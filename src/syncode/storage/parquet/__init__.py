"""Parquet: rows as columns that other programs can use, and back as they were."""
