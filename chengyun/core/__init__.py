"""Organisations, people, permissions, audit, jobs, files and clocks. Knows no case and no map."""
