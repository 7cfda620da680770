"""The provision list (administration.md): one line a staff course, who facilitates and leads it, what it begins with.

reading makes lines of a file, known is what the school has, plan what a list would change and asks, applying does it;
matching compares whom it names with who comes from the LMS, waiting tells what is still to come, out writes the list
as it stands. Of people only keyed hashes of what the list calls them are kept.
"""
