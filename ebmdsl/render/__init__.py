"""Graphs and plans as pictures and text."""
