"""A private Postfix, stand-in mail systems and the programs under test."""
