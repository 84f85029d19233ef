"""The city itself: areas, unit grids, code catalogues, components and addresses."""
