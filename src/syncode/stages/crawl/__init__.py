"""One item of raw material in, one document or one discarded row out."""
