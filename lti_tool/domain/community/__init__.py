"""Who belongs to a community, what each is in it and may see, and what is one person's own."""
