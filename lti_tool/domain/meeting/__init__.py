"""A meeting that runs itself: which rounds it goes through (agenda), and where it stands (running)."""
