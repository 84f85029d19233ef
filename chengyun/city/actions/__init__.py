"""Every write of the city that a person makes, by noun."""
