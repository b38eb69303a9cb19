"""Calendars that others write: fetched with care, understood, expanded into who is on call when."""
