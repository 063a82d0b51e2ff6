"""Event types and dead letters under /api/v1/."""
