"""Rules and alerts under /api/v1/."""
