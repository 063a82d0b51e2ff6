"""What the alerts app keeps in the database."""
