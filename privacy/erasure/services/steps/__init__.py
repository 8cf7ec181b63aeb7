"""The steps of an erasure. Each makes it so, however often it is taken, and counts what it did once."""
