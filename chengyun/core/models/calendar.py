from typing import Any

from django.db import models


def _default_duty() -> list[Any]:
    return [["08:00", "12:00"], ["14:00", "18:00"]]


class WorkCalendar(models.Model):
    """Duty hours of a city in its own zone. `version` counts changes, so that each process
    can keep the calendar in memory and notice that it is old (`core/queries.py`)."""

    code = models.TextField(unique=True)
    name_zh = models.TextField()
    name_en = models.TextField(blank=True, default="")
    zone = models.TextField(default="Asia/Shanghai")
    duty = models.JSONField(default=_default_duty, help_text='[["08:00","12:00"], …], local time')
    is_default = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="core_calendar_one_default",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a make-up workday (调休)."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", "节假日"
        WORKDAY = "workday", "调休上班"

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    kind = models.TextField(choices=Kind.choices)
    name = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="core_calendar_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
