"""The ways to sum or integrate latents out, one word each."""
