"""Invented data for a demonstration: everybody and everything in here is made up."""
