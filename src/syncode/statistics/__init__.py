"""Statistics for verdicts, in numpy alone: pure functions of arrays, checked against independent packages in the tests."""
