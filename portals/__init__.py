"""Stand-ins for the portals Utpadan pulls from: their protocols, formats and faults, over HTTP.

`portals.app:app` serves them all; `portals.registry` says which there are and where.
"""
