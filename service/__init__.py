"""Tarih: a timeline and event-sourcing API for dated, sourced events about relationships."""
