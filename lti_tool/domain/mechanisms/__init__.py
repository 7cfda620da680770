"""How a community does things, whatever the step: steps configure these."""
