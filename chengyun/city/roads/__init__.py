"""The way along the roads of a layer of lines. See `docs/governance/analysis.md`."""
