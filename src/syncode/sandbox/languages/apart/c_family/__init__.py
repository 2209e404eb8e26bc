"""What the pairs of C and C++ have in common: reading declarations from text, what may cross, and how halves are compiled."""
