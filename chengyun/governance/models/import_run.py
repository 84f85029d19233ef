"""One file put in by ``chengyun import reports``: how far it is, so that it can go on."""

from django.db import models


class ImportRun(models.Model):
    """``sha256`` of file and mapping names the run; ``rows_done`` moves in the transaction that
    puts the rows in, so a killed import continues behind the last committed batch."""

    source = models.CharField(max_length=80)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    mapping = models.JSONField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows_done = models.PositiveBigIntegerField(default=0, help_text="rows read and decided")
    rows_in = models.PositiveBigIntegerField(default=0)
    rows_known = models.PositiveBigIntegerField(default=0, help_text="were there already")
    rows_rejected = models.PositiveBigIntegerField(default=0)
    notices = models.JSONField(default=dict, help_text="{notice: count}, e.g. default_point")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "sha256"], name="import_run_unique_file")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.file_name}"
