"""The business rules: pure functions and tables, without request, session or clock."""
