from django.db import models
from django.utils import timezone


class OutboxMessage(models.Model):
    """A message to the outside, written in the transaction that wants it sent."""

    class Channel(models.TextChoices):
        SMS = "sms", "短信"
        EMAIL = "email", "邮件"
        WEBHOOK = "webhook", "Webhook"
        OPEN311 = "open311", "Open311"

    class State(models.TextChoices):
        WAITING = "waiting", "待发"
        SENDING = "sending", "发送中"
        SENT = "sent", "已发"
        FAILED = "failed", "失败"
        STUCK = "stuck", "滞留"

    channel = models.TextField(choices=Channel.choices)
    recipient_encrypted = models.BinaryField(editable=False)
    template = models.TextField()
    body = models.JSONField(default=dict)
    dedupe_key = models.TextField(unique=True)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            # The worker's question: what is due. Sent rows are not in the index.
            models.Index(
                fields=["next_try"],
                name="core_outbox_due",
                condition=models.Q(state__in=["waiting", "failed", "sending"]),
            ),
            models.Index(
                fields=["id"], name="core_outbox_stuck", condition=models.Q(state="stuck")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.template} {self.state}"
