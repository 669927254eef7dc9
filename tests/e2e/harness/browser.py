"""A headless Chromium, driven by the WebDriver protocol over HTTP."""

from __future__ import annotations

import base64
import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from harness.paths import free_port, wait_until

CHROMIUM = "/usr/bin/chromium"
CHROMEDRIVER = "/usr/bin/chromedriver"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The protocol's name for the member that refers to an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Space": " ",
    "Left": "\ue012",
    "Up": "\ue013",
    "Right": "\ue014",
    "Down": "\ue015",
    "Home": "\ue011",
    "Shift": "\ue008",
}


class Browser:
    """One window, with a profile of its own below the given folder."""

    def __init__(self, root: Path, width: int = 1280, height: int = 900):
        self._root = root
        self._size = (width, height)
        self._driver: subprocess.Popen | None = None
        self._session = ""

    def __enter__(self) -> Browser:
        profile = self._root / "profile"
        profile.mkdir(parents=True)
        port = free_port()
        self._base = f"http://127.0.0.1:{port}"
        self._driver = subprocess.Popen(
            [CHROMEDRIVER, f"--port={port}", f"--log-path={self._root}/driver.log"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(self._is_ready, "chromedriver answers")
            self._open(profile)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._session:
                self._call("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait()

    def _open(self, profile: Path) -> None:
        options = {
            "binary": CHROMIUM,
            "args": [
                *ARGUMENTS,
                f"--user-data-dir={profile}",
                f"--window-size={self._size[0]},{self._size[1]}",
                "about:blank",
            ],
        }
        made = self._ask(
            "POST",
            "/session",
            {
                "capabilities": {
                    "alwaysMatch": {
                        "goog:chromeOptions": options,
                        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                    }
                }
            },
        )
        self._session = f"/session/{made['sessionId']}"
        self.go("about:blank")
        self.requests()  # of the window's first page

    def _is_ready(self) -> bool:
        try:
            return self._ask("GET", "/status")["ready"]
        except OSError:
            return False

    def _ask(self, method: str, path: str, body: object = None):
        request = urllib.request.Request(
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        # Nobody's proxy is asked for what is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            said = json.load(error)["value"]
            raise AssertionError(f"{path}: {said['message']}") from None

    def _call(self, method: str, path: str, body: object = None):
        return self._ask(method, self._session + path, body)

    def go(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def reload(self) -> None:
        self._call("POST", "/refresh", {})

    def url(self) -> str:
        return self._call("GET", "/url")

    def run(self, script: str, *arguments: object):
        """The value that a function body of JavaScript returns."""
        body = {"script": script, "args": list(arguments)}
        return self._call("POST", "/execute/sync", body)

    def text(self, selector: str) -> str:
        return self.run(
            "return document.querySelector(arguments[0]).textContent", selector
        )

    def click(self, selector: str) -> None:
        found = self._call(
            "POST", "/element", {"using": "css selector", "value": selector}
        )
        self._call("POST", f"/element/{found[ELEMENT]}/click", {})

    def keys(self, *names: str) -> None:
        """Presses and lets go, one after the other: "Tab", "a", "Shift+Right"."""
        actions = []
        for name in names:
            pressed = [KEYS.get(part, part) for part in name.split("+")]
            actions += [{"type": "keyDown", "value": key} for key in pressed]
            actions += [{"type": "keyUp", "value": key} for key in pressed[::-1]]
        self._act({"type": "key", "id": "keys", "actions": actions})

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        def move(to: tuple[int, int]) -> dict:
            x, y = (round(part) for part in to)
            return {"type": "pointerMove", "duration": 0, "x": x, "y": y}

        actions = [
            move(start),
            {"type": "pointerDown", "button": 0},
            move(end),
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": actions})

    def _act(self, source: dict) -> None:
        self._call("POST", "/actions", {"actions": [source]})

    def devtools(self, command: str, **parameters: object):
        body = {"cmd": command, "params": parameters}
        return self._call("POST", "/goog/cdp/execute", body)

    def resize(self, width: int, height: int) -> None:
        """What the page sees, also narrower than a window can be."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        # The command is answered before the page has been laid out anew.
        seen = "return document.documentElement.clientWidth"
        wait_until(lambda: self.run(seen) <= width, f"{width} pixels are seen", 20)

    def media(self, medium: str = "", **features: str) -> None:
        """As in prefers_color_scheme="dark"."""
        self.devtools(
            "Emulation.setEmulatedMedia",
            media=medium,
            features=[
                {"name": name.replace("_", "-"), "value": value}
                for name, value in features.items()
            ],
        )

    def console(self) -> list[str]:
        """What was said on the console since it was asked last."""
        said = self._call("POST", "/se/log", {"type": "browser"})
        return [f"{entry['level']} {entry['message']}" for entry in said]

    def requests(self) -> list[str]:
        """Addresses asked for since they were asked last."""
        events = [
            json.loads(entry["message"])["message"]
            for entry in self._call("POST", "/se/log", {"type": "performance"})
        ]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def screenshot(self, path: Path) -> None:
        """The whole page, however long."""
        shot = self.devtools(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True
        )
        path.write_bytes(base64.b64decode(shot["data"]))

    def print(self, path: Path) -> None:
        """A4, as PDF."""
        page = {"width": 21.0, "height": 29.7}
        printed = self._call("POST", "/print", {"page": page})
        path.write_bytes(base64.b64decode(printed))
