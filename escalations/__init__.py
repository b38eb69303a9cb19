"""The domain: what an escalation is and what happens to it.

Pure, but for `client`, `temporal` and `cli`.
"""
