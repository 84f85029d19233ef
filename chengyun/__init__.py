"""Chengyun 城运: the open city operations platform."""

__version__ = "0.1.0"
