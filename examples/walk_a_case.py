"""One case from a citizen's report to the visit back, by the posts of the demonstration city.

    make demo DETACH=1
    .venv/bin/python examples/walk_a_case.py [http://127.0.0.1:8000]

Each post signs in as a person would; one of them tries what it may not.
"""

import os
import re
import sys
from typing import Any

import httpx

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
PASSWORD = os.environ.get("CHENGYUN_DEMO_PASSWORD", "chengyun-demo")


class Post:
    """One signed-in person."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.http = httpx.Client(base_url=BASE, headers={"Accept-Language": "en"}, timeout=60)
        page = self.http.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "no sign-in form; is the platform up?"
        form = {"csrfmiddlewaretoken": token[1], "login": username, "password": PASSWORD}
        answer = self.http.post("/accounts/login/", data=form, headers={"Referer": BASE})
        assert answer.status_code == 302, f"{username} could not sign in"

    def act(self, case: int, operation: str, **what: Any) -> dict[str, Any]:
        """Do one operation on a case; print what came of it."""
        csrf = {"X-CSRFToken": self.http.cookies["chengyun_csrf"], "Referer": BASE}
        answer = self.http.post(f"/api/cases/{case}/{operation}", json=what, headers=csrf)
        said: dict[str, Any] = answer.json()
        outcome = said.get("detail") if answer.is_error else f"→ {said.get('state')}"
        print(f"  {self.username:<13} {operation:<12} {answer.status_code}  {outcome}")
        return said

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        answer = self.http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()


def main() -> None:
    """Walk one case to its end."""
    report = httpx.post(
        f"{BASE}/api/reports",
        json={
            "text": "市政府门口井盖破损，有行人差点摔倒",
            "lon": 120.3826,
            "lat": 36.0671,
            "contact": {"name": "张先生", "phone": "13900001111"},
        },
        timeout=60,
    ).json()
    print(f"A citizen reported: number {report['number']}, code {report['code']}\n")
    names = ("acceptor", "shift_leader", "dispatcher", "department", "collector")
    posts = {name: Post(name) for name in names}
    acceptor, shift_leader, dispatcher, department, collector = posts.values()

    case = acceptor.get("/api/cases", state="reported", limit=1)["items"][0]["id"]
    matter = acceptor.get(f"/api/cases/{case}/suggestions")["matters"][0]
    print(f"  suggested: {matter['token']}, because {matter['reason_en']}\n")

    acceptor.act(case, "accept", matter_id=matter["matter_id"])
    standards = shift_leader.get(f"/api/cases/{case}/choices")["standards"]
    shift_leader.act(case, "file", standard_id=standards[0]["id"])
    own = department.get("/api/me")["user"]["organisation"]
    departments = dispatcher.get(f"/api/cases/{case}/choices")["departments"]
    chosen = next(each["id"] for each in departments if each["code"] == own)
    dispatcher.act(case, "dispatch", department_id=chosen)
    department.act(case, "sign")
    department.act(case, "finish", opinion="井盖已更换")
    department.act(case, "pass-check")  # refused: nobody checks their own work
    dispatcher.act(case, "forward")
    dispatcher.act(case, "close", closing_met=True)  # refused: who dispatches does not close
    collector.act(case, "pass-check", opinion="现场已恢复")
    shift_leader.act(case, "close", closing_met=True, public_note="井盖已更换，现场恢复正常")
    acceptor.act(
        case,
        "visit-back",
        report_number=report["number"],
        reached=True,
        answered=True,
        solved=True,
        satisfied=True,
    )
    told = httpx.get(
        f"{BASE}/api/reports/{report['number']}", params={"code": report["code"]}, timeout=60
    ).json()
    print(f"\nThe citizen reads: {told}")


if __name__ == "__main__":
    main()
