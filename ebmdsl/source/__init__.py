"""What the user wrote, and how we talk about it."""

from __future__ import annotations
