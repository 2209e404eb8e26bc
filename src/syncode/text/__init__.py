"""What text means, whoever wrote it: one reader for each idea."""
