"""Cognitive Sprint Facilitator: guided sprints from a question to a decision."""
