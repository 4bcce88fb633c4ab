"""Routes: each makes a context, calls one use case and renders one view model."""
