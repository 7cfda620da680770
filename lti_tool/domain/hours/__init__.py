"""Professional development hours: pots, entries, what counts, who approves, what goes out. See shared/design/hours.md.

ledger and states are rules without a database; gate is the one way to read; entries, approvals and pots write.
"""
