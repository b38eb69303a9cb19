"""Policies from what people leave behind: other tools' exports as YAML, and what is lost."""
