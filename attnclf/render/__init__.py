"""Turns results into what people and programs read. Every function returns a value; none prints."""
