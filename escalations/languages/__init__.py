"""The words of the timeline and of what comes next, one module a language."""
