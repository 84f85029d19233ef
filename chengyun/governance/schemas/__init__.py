"""What governance says over the wire."""
