"""A small but strict LMS: what the product is tried in, and what its tests talk to.

It reads the standards for itself and answers as a recorded Moodle 4.5.6 does, so it
shares no code with the tool. Where Moodle lets something pass that the standard
forbids, this LMS follows the standard: what works here is not a favour.
"""
