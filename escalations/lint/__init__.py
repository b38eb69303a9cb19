"""What can be used and yet will not do what its author expects: each rule a function.

`check.remarks` is the way in; `docs/lint.md` has a section for every code.
"""
