"""Conducting: what a take does with all that a plan and its conductor can say, on a manual clock."""
