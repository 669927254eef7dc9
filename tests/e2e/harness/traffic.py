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

    def replies(self, recipient: str) -> set[str]:
        """All that RCPT ever said of one recipient."""
        said = [s.replies[recipient] for s in self.sent if recipient in s.replies]
        return {f"{reply.code} {reply.status}" for reply in said}

    def misplaced(self, place_of: Callable[[str], str]) -> list[str]:
        """Accepted recipients that did not go, once, to their sink."""
        token_place: dict[str, list[str]] = {}
        for name, sink in self._site.sinks.items():
            for token, _ in sink.places():
                token_place.setdefault(token, []).append(name)
        return [
            f"{recipient}: {token_place.get(sent.tokens[recipient])}"
            for sent in self.sent
            for recipient in sent.accepted
            if token_place.get(sent.tokens[recipient]) != [place_of(recipient)]
        ]
