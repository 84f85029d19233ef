"""The picture under the map: where it comes from, and PMTiles files served from here."""
