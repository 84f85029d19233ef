"""Unit grids and duty grids: whose ground is it, and does it tile its community."""
