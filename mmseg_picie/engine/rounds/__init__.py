"""What a round does: passes over images, clusterings, BatchNorm, refit."""
