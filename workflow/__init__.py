"""What happens by itself: automations set off by changes of records, by people and by time."""
