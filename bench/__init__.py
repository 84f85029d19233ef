"""Measures Chengyun's speed on a city of the real size and prints it: ``python -m bench``."""
