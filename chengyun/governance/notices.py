"""What reporters are told, through the outbox. Nothing here is sent at once."""

from collections.abc import Iterable

from django.conf import settings

from chengyun.core import contacts, outbox
from chengyun.governance.models import Case, Report

#: template → (Chinese, English)
NOTICES: dict[str, tuple[str, str]] = {
    "report.received": (
        "您的诉求已收到，编号 {number}，查询码 {code}。",
        "Your report was received: number {number}, code {code}.",
    ),
    "report.refused": (
        "您的诉求 {number} 未予办理：{note}",
        "Your report {number} is not taken further: {note}",
    ),
    "report.merged": (
        "您的诉求 {number} 与已受理的同一问题合并处理，结果将一并告知。",
        "Your report {number} is handled together with an earlier one; you will hear the result.",
    ),
    "report.closed": (
        "您的诉求 {number} 已办结：{note} 请凭查询码评价。",
        "Your report {number} is closed: {note} Please rate it with your code.",
    ),
    "report.rate": (
        "您的诉求 {number} 办结后，请您评价：是否答复、是否解决、是否满意。",
        "Your report {number} was closed: were you answered, is it solved, are you satisfied?",
    ),
}


def notify_received(report: Report, code: str) -> None:
    """The receipt: number and code."""
    _send(report.case, [report], "report.received", code=code)


def notify_reporters(case: Case, template: str, note: str) -> list[Report]:
    """Tell every reporter of the case who left a contact; returns all its reports."""
    reports = list(Report.objects.filter(case=case).select_related("contact"))
    _send(case, reports, template, note=note)
    return reports


def ask_for_rating(report: Report) -> None:
    """Ask the reporter, once, what the visit back would ask."""
    _send(report.case, [report], "report.rate")


def _send(case: Case, reports: Iterable[Report], template: str, **words: str) -> None:
    zh, en = NOTICES[template]
    wording = en if settings.CHENGYUN.language == "en" else zh
    for report in reports:
        if report.contact is None:
            continue
        person = contacts.in_clear(report.contact)
        channel, recipient = (
            ("sms", person["phone"]) if person["phone"] else ("email", person["email"])
        )
        if not recipient:
            continue
        text = wording.format(number=report.number, **words)
        outbox.enqueue(
            channel=channel,
            recipient=recipient,
            template=template,
            body={"subject": report.number, "text": text},
            # A reopened case closes again: its step is part of the key.
            dedupe_key=f"{template}:{report.number}:{case.version}",
        )
