"""The page of the verdicts, as a browser shows it.

What it shows is held against counts that this file makes of the log by
itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from harness.browser import Browser
from harness.paths import BIN
from harness.site import Site

CONF = """
accepted-domain "company.example" {
    type = internal-relay
    recipient-filter = directories
}
accepted-domain "partner.example" { type = authoritative }
connector "exchange" {
    address-spaces = { "company.example", "partner.example" }
    smart-hosts = { "10.8.0.25" }
}
directory "staff" { type = file path = "staff.txt" max-age = 2d }
"""
STAFF = ["ann.smith@company.example", "bob.jones@company.example"]
HOSTILE = "</script><script>document.title='run'</script>@company.example"
HOSTILE_LOGGED = '"<' + HOSTILE + '>"'
BEGIN = datetime(2026, 11, 20, 22, 0)
ZONE = "Europe/Berlin"

# verdict, reason, recipient, domain, connector, directory, client
ANN = ("accept", "listed", "<ann.smith@company.example>", "company.example",
       "exchange", "staff", "192.0.2.1")  # fmt: skip
SLIP = ("reject", "unknown", "<ann.smiht@company.example>", "company.example",
        "-", "-", "192.0.2.2")  # fmt: skip
OTHER = ("reject", "unknown", "<bob.jones@partner.example>", "partner.example",
         "-", "-", "192.0.2.3")  # fmt: skip
MISSING = ("reject", "unknown", "<carl@company.example>", "company.example",
           "-", "-", "10.8.0.25")  # fmt: skip
SCRIPT = ("reject", "unknown", HOSTILE_LOGGED, "company.example",
          "-", "-", "192.0.2.4")  # fmt: skip
QUOTES = ("reject", "unknown", '"<a\\"b\'&<b>\\xe2\\x80\\xaetxt@company.example>"',
          "company.example", "-", "-", "192.0.2.5")  # fmt: skip
LONG = ("reject", "unknown", '"<' + "l" * 375 + '>"...', "company.example",
        "-", "-", "192.0.2.6")  # fmt: skip
LOOP = ("reject", "loop", "<dora@company.example>", "company.example",
        "exchange", "-", "10.8.0.25")  # fmt: skip
STALE = ("defer", "directory-stale", "<eve@company.example>", "company.example",
         "-", "staff", "192.0.2.7")  # fmt: skip
NOT_OURS = ("pass", "not-ours", "<x@elsewhere.example>", "-", "-", "-",
            "192.0.2.8")  # fmt: skip
MIX = [ANN] * 5 + [SLIP, OTHER, MISSING, SCRIPT, QUOTES, LONG, LOOP, STALE, NOT_OURS]
MINUTES = 700


def lines() -> list[tuple[datetime, tuple, str]]:
    """In order; each with its time of day and what it says."""
    made = []
    for i in range(MINUTES):
        what = MIX[i * 5 % len(MIX) if i < 600 else 0]
        at = BEGIN + timedelta(minutes=i)
        verdict, reason, recipient, domain, connector, directory, client = what
        made.append((at, what,
            f"{at.isoformat()}+01:00 mx1 postfix/policyd[8]: verdict={verdict} "
            f"reason={reason} recipient={recipient} domain={domain} "
            f"type=internal-relay connector={connector} nexthop=- "
            f"directory={directory} client={client} sender=<s{i % 3}@b.example> "
            f"queue_id=- instance=1a.{i:x}.0.0 generation={40 + i // 350} "
            f'reply="550 5.1.1 x" us={10 + i % 7}'))  # fmt: skip
    return made


def write_page(site: Site, log: list[str]) -> Path:
    site.write("staff.txt", STAFF)
    site.namespace(CONF)
    site.build()
    (site.root / "mail.log").write_text("".join(line + "\n" for line in log))
    page = site.root / "page.html"
    done = subprocess.run(
        [BIN / "policyd", "verdicts", "--html", page, "-s", site.state,
         site.root / "mail.log"],
        env={**os.environ, "TZ": ZONE},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert done.stdout == "", done
    return page


def look(site: Site, page: Path, then: Callable[[Browser], None]) -> None:
    """Opens the page, does it, and wants a silent console and no request."""
    with Browser(site.root / "browser") as browser:
        browser.go(page.as_uri())
        then(browser)
        assert browser.console() == []
        asked = {url.partition("#")[0] for url in browser.requests()}
        assert {a for a in asked if a != "data:,"} <= {page.as_uri()}, asked


def chart(browser: Browser) -> Counter:
    """What the bars over time say: verdicts by name."""
    rows = browser.run(
        "return [...document.querySelectorAll('#time rect[data-count]')].map("
        "r => [r.dataset.verdict, Number(r.dataset.count),"
        " r.getBoundingClientRect().height])"
    )
    names = ["accept", "relay", "reject", "defer", "pass"]
    assert all(height > 0 for _, _, height in rows)
    counts: Counter = Counter()
    for verdict, count, _ in rows:
        counts[names[int(verdict)]] += count
    return counts


def side(browser: Browser, name: str) -> dict[str, int]:
    rows = browser.run(
        "return [...document.querySelectorAll('#by-' + arguments[0] +"
        " ' button')].map(b => [b.dataset.name, Number(b.dataset.count)])",
        name,
    )
    return dict(rows)


def status(browser: Browser) -> str:
    return browser.text("#status").replace("\u202f", "")


def counted(key: int, only: Callable[[tuple], bool] = lambda _: True) -> dict:
    return dict(Counter(what[key] for _, what, _ in lines() if only(what)))


def rows(browser: Browser, table: str) -> list[list[str]]:
    return browser.run(
        "return [...document.querySelectorAll('#' + arguments[0] +"
        " ' tbody tr')].map(r => [...r.cells].map(c => c.textContent))",
        table,
    )


def test_charts_count_what_the_log_has(site: Site) -> None:
    def then(browser: Browser) -> None:
        assert chart(browser) == counted(0)
        assert side(browser, "reason") == counted(1)
        assert side(browser, "domain") == counted(3)
        assert side(browser, "connector") == counted(4)
        assert status(browser) == f"{MINUTES} verdicts"
        title = browser.run("return document.title")
        assert title == "Verdicts, 2026-11-20 22:00 to 2026-11-21 09:39"
        facts = browser.text("#facts")
        assert "host mx1" in facts and "generations 40 to 41" in facts
        assert "CET (UTC+01:00)" in facts

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def test_lists_tell_what_was_meant(site: Site) -> None:
    def then(browser: Browser) -> None:
        unknown = {row[0]: row for row in rows(browser, "unknown")}
        recipients = counted(2, lambda what: what[1] == "unknown")
        slip = unknown["ann.smiht@company.example"]
        assert slip[1] == str(recipients["<ann.smiht@company.example>"])
        assert slip[5] == "ann.smith@company.example (a typing error)"
        other = unknown["bob.jones@partner.example"]
        assert other[5] == "bob.jones@company.example (in another domain)"
        assert unknown[HOSTILE][5] == ""
        assert unknown["a\"b'&<b>\\xe2\\x80\\xaetxt@company.example"]
        assert any(name.startswith("l" * 375) for name in unknown)
        why = {row[0]: row[5] for row in rows(browser, "missing")}
        assert "a client of connector exchange" in why["carl@company.example"]
        assert "senders wrote to it" in why[HOSTILE]
        assert "ann.smiht@company.example" not in why
        (loop,) = rows(browser, "loops")
        assert loop[:3] == ["10.8.0.25", "exchange", "dora@company.example"]
        assert loop[3] == str(counted(1)["loop"])
        stale = rows(browser, "stale")
        assert sum(int(row[3]) for row in stale) == counted(1)["directory-stale"]
        (directory,) = rows(browser, "directories")
        assert directory[0] == "staff" and directory[4] == "fresh"
        # Nothing that a stranger wrote became a part of the page.
        assert browser.run("return document.scripts.length") == 2
        assert browser.run("return document.title") != "run"
        assert browser.run("return document.querySelectorAll('b b').length") == 0

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def test_filters_by_keyboard(site: Site) -> None:
    rejected = counted(3, lambda what: what[0] == "reject")

    def focus(browser: Browser, id: str) -> None:
        for _ in range(40):
            browser.keys("Tab")
            if browser.run("return document.activeElement.id") == id:
                style = browser.run(
                    "return getComputedStyle(document.activeElement).outlineStyle"
                )
                assert style == "solid", "the focus can not be seen"
                return
        raise AssertionError(f"Tab does not lead to {id}")

    def then(browser: Browser) -> None:
        focus(browser, "f-verdict")
        browser.keys("r", "e", "j")
        assert side(browser, "domain") == rejected
        assert status(browser).startswith(f"{sum(rejected.values())} of {MINUTES} ")
        assert chart(browser) == {"reject": sum(rejected.values())}
        assert "verdict=reject" in browser.url()
        focus(browser, "f-domain")
        browser.keys("p")
        of_partner = rejected["partner.example"]
        assert chart(browser) == {"reject": of_partner}
        assert side(browser, "reason") == {"unknown": of_partner}
        assert [r[0] for r in rows(browser, "unknown")] == ["bob.jones@partner.example"]
        # The same page again, by its address alone.
        browser.reload()
        assert chart(browser) == {"reject": of_partner}
        focus(browser, "reset")
        browser.keys("Enter")
        assert chart(browser) == counted(0)
        # The first piece of time and the one after it.
        focus(browser, "time")
        browser.keys("Home", "Shift+Right", "Enter")
        width = browser.run(
            "return new Date(document.querySelector('#f-from')[1].text) -"
            " new Date(document.querySelector('#f-from')[0].text)"
        )
        until = BEGIN + 2 * timedelta(milliseconds=width)
        inside = Counter(w[1] for at, w, _ in lines() if at < until)
        assert side(browser, "reason") == inside
        browser.keys("Escape")
        assert side(browser, "reason") == counted(1)

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def test_filters_by_mouse(site: Site) -> None:
    def then(browser: Browser) -> None:
        browser.click("#by-reason button[data-name=unknown]")
        unknown = counted(3, lambda what: what[1] == "unknown")
        assert side(browser, "domain") == unknown
        browser.click("#by-domain button[data-name='partner.example']")
        assert chart(browser) == {"reject": unknown["partner.example"]}
        browser.click("#reset")
        assert chart(browser) == counted(0)
        box = browser.run(
            "const b = document.querySelector('#time svg').getBoundingClientRect();"
            " return [b.left, b.top, b.right, b.bottom]"
        )
        middle = (box[1] + box[3]) / 2
        browser.drag((box[0] + 54, middle), ((box[0] + box[2]) / 2, middle))
        first, last = browser.run(
            "return ['from', 'to'].map(i =>"
            " document.querySelector('#f-' + i).selectedIndex)"
        )
        start, end = browser.run(
            "const o = document.querySelector('#f-to').options;"
            " return [o[arguments[0]].text, o[arguments[1] + 1].text]",
            first,
            last,
        )
        assert start == f"{BEGIN:%Y-%m-%d %H:%M}" and first < last
        inside = Counter(
            w[1] for at, w, _ in lines() if start <= f"{at:%Y-%m-%d %H:%M}" < end
        )
        assert side(browser, "reason") == inside

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def test_fragment_restores_the_filters(site: Site) -> None:
    page = write_page(site, [line for _, _, line in lines()])

    def then(browser: Browser) -> None:
        browser.go("about:blank")
        browser.go(page.as_uri() + "#reason=" + quote("loop") + "&verdict=reject")
        assert chart(browser) == {"reject": counted(1)["loop"]}
        browser.go("about:blank")
        browser.go(page.as_uri() + "#reason=nonsense&from=never")
        assert chart(browser) == counted(0)

    with Browser(site.root / "browser") as browser:
        then(browser)
        assert browser.console() == []


CONTRAST = """
const part = (c) => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
const read = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
const back = (e) => { for (; e; e = e.parentElement) {
    const c = read(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c; }
    return [255, 255, 255]; };
const worst = [99, ''];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let n; (n = walk.nextNode());) {
    const e = n.parentElement, s = getComputedStyle(e);
    if (!n.data.trim() || !e.getClientRects().length || /SCRIPT|STYLE|OPTION/.test(e.tagName))
        continue;
    const ink = read(e instanceof SVGElement ? s.fill : s.color);
    const a = light(ink), b = light(back(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < worst[0]) { worst[0] = ratio; worst[1] = n.data; } }
return worst;
"""


def test_contrast_in_light_and_dark(site: Site) -> None:
    def then(browser: Browser) -> None:
        papers = set()
        for scheme in ("light", "dark"):
            browser.media(prefers_color_scheme=scheme)
            browser.click("#by-reason button[data-name=unknown]")
            ratio, text = browser.run(CONTRAST)
            assert 4.5 <= ratio < 99, (scheme, ratio, text)
            papers.add(browser.run(
                "return getComputedStyle(document.documentElement).backgroundColor"
            ))  # fmt: skip
        assert len(papers) == 2

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def test_fits_a_telephone(site: Site) -> None:
    def then(browser: Browser) -> None:
        browser.resize(360, 740)
        wide = browser.run("return document.documentElement.scrollWidth")
        assert wide <= 360, wide
        assert chart(browser) == counted(0)

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def test_prints_on_white(site: Site) -> None:
    def then(browser: Browser) -> None:
        browser.media("print", prefers_color_scheme="dark")
        assert browser.run(
            "return [getComputedStyle(document.documentElement).backgroundColor,"
            " getComputedStyle(document.querySelector('form')).display]"
        ) == ["rgb(255, 255, 255)", "none"]
        browser.media()
        browser.print(site.root / "page.pdf")
        assert (site.root / "page.pdf").read_bytes().startswith(b"%PDF-")

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def unscripted(site: Site, page: Path) -> str:
    with Browser(site.root / "unscripted") as browser:
        browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
        browser.go(page.as_uri())
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)
        return browser.run("return document.body.innerText")


def test_without_javascript_there_are_tables(site: Site) -> None:
    shown = unscripted(site, write_page(site, [line for _, _, line in lines()]))
    assert not re.search("@[A-Z]+@", shown), shown
    for reason, count in counted(1).items():
        assert re.search(rf"^{reason}\s+{count}$", shown, re.M), (reason, shown)
    assert HOSTILE in shown


def test_an_empty_log_says_so(site: Site) -> None:
    def then(browser: Browser) -> None:
        assert "No verdict was found" in browser.run("return document.body.innerText")

    page = write_page(site, [])
    look(site, page, then)
    assert "none found" in page.read_text() and "No verdict" in unscripted(site, page)


def test_more_unknown_recipients_than_are_counted(site: Site) -> None:
    """What is no exact number is not shown as one."""

    def then(browser: Browser) -> None:
        note = browser.text("#n-unknown")
        found = re.search(r"frequent 200 of more than (\S+)\.", note)
        assert found and int(re.sub(r"\D", "", found[1])) < len(crowd), note
        assert "a count may be too low by 1." in note
        assert rows(browser, "unknown")[0][:2] == ["again@company.example", "4"]

    (line,) = [text for _, what, text in lines() if what[1] == "unknown"][:1]
    names = [f"n{n}" for n in range(20400)]
    crowd = [
        re.sub("recipient=\\S+", f"recipient=<{name}@company.example>", line)
        for name in ["again"] * 5 + names
    ]
    look(site, write_page(site, crowd), then)


def test_one_verdict_is_counted_as_one(site: Site) -> None:
    def then(browser: Browser) -> None:
        assert status(browser) == "1 verdict"
        browser.click("#totals button")
        assert status(browser) == "1 of 1 verdict is chosen"

    look(site, write_page(site, [line for _, _, line in lines()][:1]), then)


def test_lists_say_what_to_do(site: Site) -> None:
    """To somebody who sees the page for the first time, at night."""
    words = {
        "unknown": "Who exists belongs in a directory",
        "missing": "needs a contact",
        "loops": "let it refuse whom it does not have",
        "stale": "transport-map-gen build",
    }

    def then(browser: Browser) -> None:
        for name, word in words.items():
            section = f"section[aria-labelledby=h-{name}]"
            assert word in browser.text(section + " .note"), name
            table = f"{section} table[aria-labelledby=h-{name}]"
            assert browser.run("return !!document.querySelector(arguments[0])", table)
        assert "(none)" in browser.text("#by-connector")

    look(site, write_page(site, [line for _, _, line in lines()]), then)


def test_without_a_state_folder(site: Site) -> None:
    page = write_page(site, [line for _, _, line in lines()])
    shutil.rmtree(site.state)
    page = write_again(site, page)

    def then(browser: Browser) -> None:
        assert chart(browser) == counted(0)
        assert "Not compared" in browser.text("#n-unknown")
        assert all(row[5] == "" for row in rows(browser, "unknown"))

    look(site, page, then)


def write_again(site: Site, page: Path) -> Path:
    subprocess.run(
        [BIN / "policyd", "verdicts", "--html", page, "-s", site.state,
         site.root / "mail.log"],
        check=True,
    )  # fmt: skip
    return page
