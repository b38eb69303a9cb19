"""The deployment gate: open cases and recorded histories, replayed with this checkout's code."""
