"""Performance evaluation: what is counted (``measures``), how (``compute``), and what it is worth
(``score``). Every number opens to the rows it counted (``drill``)."""
