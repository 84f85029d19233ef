from django.db import models


class RateCounter(models.Model):
    """Requests counted per key and window; unlogged (migration 0002), a crash only forgets."""

    key = models.TextField(primary_key=True)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key} {self.count}"
