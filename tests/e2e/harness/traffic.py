"""Mail that flows while something else is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from harness.client import Sent
from harness.site import Site


class Traffic:
    """Sends a message to recipients() again and again, in turn by sessions
    of one message and by one long session, and keeps what came of each."""

    def __init__(self, site: Site, recipients: Callable[[], list[str]]):
        self._site = site
        self._recipients = recipients
        self._stop = threading.Event()
        self.sent: list[Sent] = []
        self.errors: list[str] = []
        self._threads = [
            threading.Thread(target=self._guard, args=(work,))
            for work in (self._short_sessions, self._long_session)
        ]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._site.postfix.wait_empty()

    def wait(self, messages: int) -> None:
        """Until so many more were sent."""
        goal = len(self.sent) + messages
        deadline = time.monotonic() + 60
        while len(self.sent) < goal and not self.errors:
            assert time.monotonic() < deadline, "the mail does not flow"
            time.sleep(0.02)

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            while not self._stop.is_set():
                work()
        except Exception as error:
            self.errors.append(f"{work.__name__}: {error!r}")

    def _short_sessions(self) -> None:
        with self._site.client() as client:
            self.sent.append(client.send(self._recipients()))
        self._stop.wait(0.05)

    def _long_session(self) -> None:
        with self._site.client() as client:
            for _ in range(50):
                self.sent.append(client.send(self._recipients()))
                if self._stop.wait(0.2):
                    return

    def expect(self, recipient: str, *codes: str) -> None:
        """That RCPT never said anything else of one recipient."""
        replies = [s.replies[recipient] for s in self.sent if recipient in s.replies]
        other = [r for r in replies if f"{r.code} {r.status}" not in codes]
        assert replies, f"{recipient} was never asked"
        assert not other, f"{recipient}: {len(other)} times, first {other[0]}"

    def expect_places(self, place_of: dict[str, str]) -> None:
        """That each accepted recipient went to its sink, and once."""
        went: dict[str, list[str]] = {}
        for name, sink in self._site.sinks.items():
            for token, _ in sink.places():
                went.setdefault(token, []).append(name)
        wrong = [
            f"{recipient} went to {went.get(sent.tokens[recipient], 'nobody')}"
            for sent in self.sent
            for recipient in sent.accepted
            if went.get(sent.tokens[recipient]) != [place_of[recipient]]
        ]
        assert not wrong, f"{len(wrong)} of {len(went)}, first {wrong[:5]}"
