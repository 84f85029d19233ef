"""What reporters are told, through the outbox. Templates are keys; words live in ``NOTICES``."""

from collections.abc import Iterable

from chengyun.core import outbox
from chengyun.governance.models import Case, Report

#: template → (Chinese, English); filled with the message's body.
NOTICES: dict[str, tuple[str, str]] = {
    "report.received": (
        "您的诉求已收到, 编号 {number}, 查询码 {code}。",
        "Your report was received: number {number}, code {code}.",
    ),
    "report.refused": (
        "您的诉求 {number} 未予受理: {note}",
        "Your report {number} was not accepted: {note}",
    ),
    "report.merged": (
        "您的诉求 {number} 与已受理的案件合并处理, 结果将一并告知。",
        "Your report {number} is handled together with an open case; you will hear the result.",
    ),
    "report.closed": (
        "您的诉求 {number} 已办结: {note} 请凭查询码评价。",
        "Your report {number} is closed: {note} Please rate it with your code.",
    ),
}


def notify_received(report: Report, code: str) -> None:
    """The receipt."""
    _send([report], "report.received", {"code": code})


def notify_reporters(case: Case, template: str, note: str) -> list[Report]:
    """Tell every reporter of the case who left a contact; returns all its reports. Two statements
    whatever their number."""
    reports = list(Report.objects.filter(case=case).select_related("contact"))
    _send(reports, template, {"note": note})
    return reports


def _send(reports: Iterable[Report], template: str, body: dict[str, str]) -> None:
    outbox.enqueue_many(
        [
            outbox.message(
                contact=report.contact,
                template=template,
                body={"number": report.number, **body},
                dedupe_key=f"{template}:{report.number}:{report.case_id}",
            )
            for report in reports
            if report.contact is not None
        ]
    )
