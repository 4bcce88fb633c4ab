"""What pages show: model, record and access made into frozen view models."""
