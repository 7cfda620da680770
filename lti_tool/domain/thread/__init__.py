"""What flows from step to step, from the ambition to the yield, and what the community sees of it as a whole."""
