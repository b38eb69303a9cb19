"""Every other harm to a worker and its server, each on a place of its own, seeded."""
