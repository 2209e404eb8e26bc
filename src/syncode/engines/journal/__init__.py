"""Every answer, as it came, in one SQLite file: none is asked or paid for twice."""
