"""Calendars that others write: understood, and expanded into who is on call when."""
