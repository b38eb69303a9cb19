"""Everything else that can happen to a worker and its server: each fault on a place of its own, seeded."""
