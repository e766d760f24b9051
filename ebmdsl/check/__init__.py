"""From the tree to a typed model; every mistake of a user is found here."""
