"""What people of the office see. Every screen obeys the same roles, the same sight and the same freeze."""
