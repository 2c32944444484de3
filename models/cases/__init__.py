"""Cases: damage compensation, penalties, and what belongs to both."""
