"""What a word of the language must declare, and the calculus of facts."""
