"""The pages in a real browser, against a real server of the simulated small city."""
