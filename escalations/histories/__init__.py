"""Histories of cases, of a server or of files: fetched, made plain, read as what was heard."""
