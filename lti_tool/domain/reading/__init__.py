"""The one way to what others brought in. Three doors, and a table that says who may come through which.

things: the table, one line a thing: until when it is its owner's alone, who reads it then, in which form.
gate: for pages. It knows who reads and in which phase each piece is, and applies the table.
deciding: for what must know all of it (who was heard, how a round ends, what is published). What comes
out of it are ids, numbers and outcomes, never a text for a page: import-linter keeps pages from it.
"""
