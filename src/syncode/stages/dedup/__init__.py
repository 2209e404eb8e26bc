"""Keeps one row of each set of copies and near copies."""
