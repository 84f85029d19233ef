"""A synthetic city of any size, and its days: for the demo, for tests and for load."""
