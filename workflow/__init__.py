"""What happens by itself: automations and approvals will live here; nothing does yet."""
