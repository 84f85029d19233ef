"""What the city says over the wire."""
