"""What the screens show on which administrators change forms, fields, stages and lists."""
