"""What a step does, read from YAML: one family of acts in each module."""
