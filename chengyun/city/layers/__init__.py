"""Layers that are data, not program: a table or view with a geometry, and its description.

`description` says what a layer is and who sees which of its rows: the one predicate of tiles,
collections and HTTP. `style` is the vocabulary of drawing, `tables` the tables we make,
`existing` what may be registered of those that are there, `filling` brings rows in. `tiles` and
`collections` serve a layer by its description; `live` keeps the registers of both up to date.
"""
