"""Numbers that must never be found in clear, and a served product to enter them into."""
