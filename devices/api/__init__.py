"""Devices, their sorting and their tokens under /api/v1/."""
