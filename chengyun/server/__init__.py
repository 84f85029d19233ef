"""What keeps the platform running on one machine: its PostgreSQL, its processes, its doctor."""
