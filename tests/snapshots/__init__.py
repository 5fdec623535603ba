"""Pictures of the screens. `pytest tests/snapshots --snapshot-update` draws them anew."""
