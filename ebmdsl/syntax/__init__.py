"""Text to tree and back."""

from __future__ import annotations
