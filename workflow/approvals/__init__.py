"""Approvals of records: who must agree, in which order, and what follows when they have."""
