"""Every side effect: one class per outside system, its clients handed in."""
