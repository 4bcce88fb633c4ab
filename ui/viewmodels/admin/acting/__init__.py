"""What administrators see of automations: what they do, what they did, what failed."""
