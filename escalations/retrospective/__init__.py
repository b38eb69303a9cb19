"""The retrospective after a case: whom to ask, when to meet, and what must be in the end (A31)."""
