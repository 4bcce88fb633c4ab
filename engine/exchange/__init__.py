"""Files in: read, mapped, taken in chunk by chunk."""
