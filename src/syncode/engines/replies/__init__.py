"""What came back: bytes to values, values to replies or a server's own words, and what either of them means."""
