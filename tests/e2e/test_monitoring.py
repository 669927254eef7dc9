"""monitoring-examples: what Prometheus and Grafana are given, held against
what policyd and transport-map-gen really tell."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from harness.paths import TREE, free_port, wait_until
from harness.policy import PolicyClient
from harness.scrape import Watched, families_of, samples_of, watched
from harness.site import Site

EXAMPLES = TREE / "monitoring-examples"
RULES = EXAMPLES / "postshare-alerts.yml"
DASHBOARD = EXAMPLES / "postshare-dashboard.json"
CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "$mail" }
}
directory "staff" { type = file path = "staff.txt" max-age = "2d" }
"""
GHOST = "ghost@company.example"
NAME = re.compile(r"(?<![\w:])(?:postshare|process)_\w+(?![\w:])")


def set_up(site: Site) -> None:
    site.sink("mail")
    site.write("staff.txt", ["ann@company.example"])
    site.namespace(CONF)
    site.build()
    site.postfix.configure([])
    site.postfix.prepare()


def promtool(*words: str | Path) -> None:
    done = subprocess.run(
        ["promtool", *words], cwd=EXAMPLES, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_hold(_: Site) -> None:
    promtool("check", "config", "prometheus.yml")
    promtool("check", "rules", RULES)
    promtool("test", "rules", "postshare-alerts.test.yml")


def test_each_alert_is_tested(_: Site) -> None:
    tests = (EXAMPLES / "postshare-alerts.test.yml").read_text()
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())
    assert alerts and not [a for a in alerts if a not in tests]


def panels() -> list[dict]:
    """Those that show something."""
    whole = json.loads(DASHBOARD.read_text())
    return [p for p in whole["panels"] if p["type"] != "row"]


def expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def asked_for() -> set[str]:
    """Every family in rules and panels."""
    prose = r"(?m)^ *#.*|^ *(summary|description):(.*\n( {12}.*))*"
    rules = re.sub(prose, "", RULES.read_text())
    return set(NAME.findall("\n".join([rules, *expressions()])))


def is_of_compiler(name: str) -> bool:
    return name.startswith("postshare_build_") and name != "postshare_build_info"


def told(site: Site) -> str:
    with watched(site) as one:
        with site.policy() as policy:
            policy.ask(GHOST)
        return one.text()


def test_what_is_asked_for_is_told(site: Site) -> None:
    set_up(site)
    text = told(site)
    names = {name for name in asked_for() if not is_of_compiler(name)}
    expect_agreement(names, text)
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def expect_agreement(names: set[str], text: str) -> None:
    """What is asked for is told, and a panel shows all that is told."""
    assert names and not names - families_of(text), names - families_of(text)
    shown = set(NAME.findall("\n".join(expressions())))
    missing = {
        family
        for family in re.findall(r"# TYPE (\w+) ", text)
        if not shown & {family, f"{family}_bucket"}
    }
    assert not missing, f"no panel shows {missing}"


def test_what_is_asked_of_builds_is_told(site: Site) -> None:
    set_up(site)
    file = site.root / "postshare.prom"
    site.build("--textfile", str(file))
    expect_agreement({n for n in asked_for() if is_of_compiler(n)}, file.read_text())


def test_the_dashboard_can_be_imported(_: Site) -> None:
    whole = json.loads(DASHBOARD.read_text())
    assert whole["uid"] == "postshare" and whole["title"] == "Postshare"
    assert whole["id"] is None and whole["schemaVersion"] >= 36
    kinds = {v["name"]: v["type"] for v in whole["templating"]["list"]}
    assert kinds == {"datasource": "datasource", "instance": "query"}
    ids = [panel["id"] for panel in whole["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in panels():
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["title"] and panel["targets"]
    taken: set[tuple[int, int]] = set()
    for panel in whole["panels"]:
        at = panel["gridPos"]
        cells = {
            (at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])
        }
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


def test_the_drop_in_runs(site: Site) -> None:
    """Its command, with Postfix's socket as systemd hands it over."""
    set_up(site)
    text = (EXAMPLES / "policyd-metrics.conf").read_text()
    (command,) = re.findall(r"^ExecStart=(.+)$", text, re.M)
    port = free_port()
    command = command.replace("/var/lib/postshare", str(site.state))
    scraped = (EXAMPLES / "prometheus.yml").read_text()
    assert "127.0.0.1:9154" in command and '"127.0.0.1:9154"' in scraped
    command = command.replace("9154", str(port))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(site.postfix.policy_socket))
        site.postfix.policy_socket.chmod(0o666)
        listener.listen()
        site.start_service(command, listener)
        with site.policy() as policy:
            assert policy.ask(GHOST).startswith("550 ")
    url = f"http://127.0.0.1:{port}/metrics"
    with urllib.request.urlopen(url, timeout=10) as reply:
        samples = samples_of(reply.read().decode())
    assert samples["postshare_requests_total", frozenset({("judged", "yes")})] == 1


class Prometheus:
    def __init__(self, port: int):
        self.port = port

    def get(self, path: str, **query: str) -> dict:
        url = f"http://127.0.0.1:{self.port}{path}?" + urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=10) as reply:
            return json.load(reply)

    def query(self, expression: str) -> list[dict]:
        return self.get("/api/v1/query", query=expression)["data"]["result"]

    def is_ready(self) -> bool:
        try:
            return bool(self.query("vector(1)"))
        except OSError:
            return False


@contextlib.contextmanager
def prometheus(site: Site, one: Watched) -> Iterator[Prometheus]:
    """With the example's configuration, but every second."""
    text = (EXAMPLES / "prometheus.yml").read_text()
    text = text.replace(": 15s", ": 1s").replace(":9154", f":{one.port}")
    text = text.replace("postshare-alerts.yml", str(RULES))
    config = site.root / "prometheus.yml"
    config.write_text(text)
    server = Prometheus(free_port())
    with (site.root / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={config}"]
            + [f"--storage.tsdb.path={site.root / 'prometheus'}"]
            + [f"--web.listen-address=127.0.0.1:{server.port}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(server.is_ready, "Prometheus is up", 60)
        yield server
    finally:
        process.kill()
        process.wait()


def test_a_real_prometheus(site: Site) -> None:
    """It scrapes, an alert fires, and a panel has numbers."""
    set_up(site)
    with watched(site) as one, prometheus(site, one) as server:
        up = 'up{job="postshare"} == 1'
        wait_until(lambda: bool(server.query(up)), "a scrape", 30)
        one.get("/metrics")
        refused = "postshare_requests_refused_total"
        wait_until(lambda: bool(server.query(f"{refused} == 0")), "a zero")
        provoke(site)
        with site.policy() as policy:
            firing = 'ALERTS{alertname="PostshareRequestsRefused",alertstate="firing"}'
            wait_until(lambda: ask_and(policy, server, firing), "the alert", 60)
            (panel,) = [p for p in panels() if p["title"] == "By reason"]
            shown = panel["targets"][0]["expr"].replace("$__rate_interval", "30s")
            shown = shown.replace("$instance", ".*")
            wait_until(lambda: ask_and(policy, server, shown), "the panel", 60)
        (series,) = server.query(shown)
        assert series["metric"] == {"reason": "unknown"}
        assert float(series["value"][1]) > 0
        for expression in expressions():
            plain = expression.replace("$__rate_interval", "30s")
            server.query(plain.replace("$instance", ".*"))


def provoke(site: Site) -> None:
    with site.policy() as stranger:
        with contextlib.suppress(ConnectionError):
            stranger.ask_raw(b"HELO there\n")


def ask_and(policy: PolicyClient, server: Prometheus, expression: str) -> bool:
    policy.ask(GHOST)
    return bool(server.query(expression))
