"""Nothing is lost: cases whose worker and server are killed at random moments, seeded."""
