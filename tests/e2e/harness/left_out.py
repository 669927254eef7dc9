"""A test that this machine does not allow."""

from __future__ import annotations


class LeftOut(Exception):
    """Says why; counted apart, neither passed nor failed."""
