"""The factor graph: what depends on what, and which terms make up the energy."""
