"""What several tests need: payments, pushes and verdicts to work with, and what lies on a topic."""
