"""What leaves for the LMS, and surely arrives. The outbox table is the truth; a worker acts on it."""
