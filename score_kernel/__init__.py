"""Score Kernel."""
